import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB } from '../../../src/common/units.ts';
import { exactSize, formatChange, formatSize } from '../../../src/vmemctl/sizes/formatSize.ts';
import { parseSize, SizeError } from '../../../src/vmemctl/sizes/parseSize.ts';
import { assertProperty } from '../../support/property.ts';

const MiB = 1024;
const GiB = 1024 * MiB;

describe('a size is read as virsh reads it', () => {
  test.each([
    ['1G', GiB],
    ['1g', GiB],
    ['1GiB', GiB],
    ['1gib', GiB],
    ['1 GiB', GiB],
    [' 1G ', GiB],
    ['1GB', 976_563],
    ['512MiB', 512 * MiB],
    ['512M', 512 * MiB],
    ['500MB', 488_282],
    ['786432K', 768 * MiB],
    ['786432k', 768 * MiB],
    ['786432KiB', 768 * MiB],
    ['1KB', 1],
    ['1b', 1],
    ['1073741824B', GiB],
    ['2048bytes', 2],
    ['1.5G', 1536 * MiB],
    ['0.5g', 512 * MiB],
    ['2T', 2048 * GiB],
    ['0M', 0],
  ])('%s', (text, size) => {
    expect(parseSize(text)).toBe(size);
  });
});

describe('what is no size is refused with what to write', () => {
  test.each([
    [
      '4096',
      '"4096" has no unit: virsh takes it as 4 MiB, VDSM as 4 GiB; write the one that you mean, as 4096M.',
    ],
    [
      '4',
      '"4" has no unit: virsh takes it as 4 KiB, VDSM as 4 MiB; write the one that you mean, as 4G.',
    ],
    [
      '4194304',
      '"4194304" has no unit: virsh takes it as 4 GiB, VDSM as 4 TiB; write the one that you mean, as 4194304K.',
    ],
    [
      '4X',
      '"4X" has no unit that is known; write K, M, G or T for powers of 1024, KB, MB, GB or TB for powers of 1000.',
    ],
    ['0', '"0" has no unit; write one, as 0M.'],
    ['', '"" is no size; write one as 4G, 512M or 1.5GiB.'],
    ['-1G', '"-1G" is no size; write one as 4G, 512M or 1.5GiB.'],
    ['1,5G', '"1,5G" is no size; write one as 4G, 512M or 1.5GiB.'],
    ['much', '"much" is no size; write one as 4G, 512M or 1.5GiB.'],
    ['1e3M', '"1e3M" is no size; write one as 4G, 512M or 1.5GiB.'],
    ['9E', '9E is more than any machine has; write less.'],
  ])('"%s"', (text, message) => {
    expect(() => parseSize(text)).toThrow(new SizeError(message));
  });
});

describe('a size is shown with three significant digits', () => {
  test.each([
    [0, '0 MiB'],
    [1, '1 KiB'],
    [1023, '1023 KiB'],
    [768 * MiB, '768 MiB'],
    [1023 * MiB, '1023 MiB'],
    [GiB - 1, '1 GiB'],
    [GiB, '1 GiB'],
    [1280 * MiB, '1.25 GiB'],
    [1.4142 * GiB, '1.41 GiB'],
    [12.5 * GiB, '12.5 GiB'],
    [100.4 * GiB, '100 GiB'],
    [1500 * GiB, '1.46 TiB'],
  ])('%d KiB', (size, text) => {
    expect(formatSize(KiB(size))).toBe(text);
  });
});

test('a difference has its sign', () => {
  expect(formatChange(KiB(GiB), KiB(2 * GiB))).toBe('+1 GiB');
  expect(formatChange(KiB(GiB), KiB(0))).toBe('-1 GiB');
});

const size = fc.integer({ min: 0, max: 2 ** 50 });

test('an exact size is read back as it was', () => {
  assertProperty(
    fc.property(size, (n) => {
      expect(parseSize(exactSize(KiB(n)))).toBe(n);
    }),
  );
});

test('a shown size is read back to half of its last digit', () => {
  assertProperty(
    fc.property(size, (n) => {
      const back = parseSize(formatSize(KiB(n)));
      expect(Math.abs(back - n)).toBeLessThanOrEqual(Math.max(1, n * 0.005 + 1));
    }),
  );
});

test('no text makes anything but a size or an error with a sentence', () => {
  assertProperty(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d.]{1,6} ?[a-zA-Z]{0,4}$/)), (text) => {
      try {
        expect(parseSize(text)).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toBeInstanceOf(SizeError);
        expect((error as Error).message).toMatch(/\.$/);
      }
    }),
  );
});
