import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB } from '../../src/common/units.ts';
import { sizeSlip } from '../../src/common/unitSlip.ts';
import { targetSlip } from '../../src/memory/unitSlip.ts';
import { assertProperty } from '../support/property.ts';
import { mib } from './domains.ts';

describe('a balloon target in KiB', () => {
  const range = { floor: mib(512), memory: mib(1024) };

  test.each([
    [768, '768 MiB are 786432'],
    [512, '512 MiB are 524288'],
    [1024, '1024 MiB are 1048576'],
    [805_306_368, '805306368 bytes are 786432'],
    [1_073_741_824, '1073741824 bytes are 1048576'],
  ])('of %i is a slip', (target, correction) => {
    expect(targetSlip(KiB(target), range)).toBe(correction);
  });

  test.each([0, 1, 511, 400_000, 524_288, 1_048_576, 2_000_000, 2 ** 40])(
    'of %i is none',
    (target) => {
      expect(targetSlip(KiB(target), range)).toBeUndefined();
    },
  );

  test('within the range is never a slip', () => {
    assertProperty(
      fc.property(fc.integer({ min: mib(512), max: mib(1024) }), (target) => {
        expect(targetSlip(KiB(target), range)).toBeUndefined();
      }),
    );
  });

  test.each([
    [1025, range, '1025 MiB are 1049600, and the VM has 1048576'],
    [10_000, range, '10000 MiB are 10240000, and the VM has 1048576'],
    [
      16_384,
      { floor: mib(12_288), memory: mib(15_360) },
      '16384 MiB are 16777216, and the VM has 15728640',
    ],
    [1025, { floor: KiB(0), memory: mib(1024) }, '1025 MiB are 1049600, and the VM has 1048576'],
  ])('of %i is a slip if it was meant as more than all memory', (target, sizes, correction) => {
    expect(targetSlip(KiB(target), sizes)).toBe(correction);
  });

  test.each([
    ['within the range', { floor: mib(16), memory: mib(15_360) }],
    ['that would be far more than all memory', { floor: mib(512), memory: mib(4096) }],
  ])('of 16 MiB %s is none', (_, sizes) => {
    expect(targetSlip(mib(16), sizes)).toBeUndefined();
  });

  test('of 16 MiB is a slip if as many MiB are twice the memory', () => {
    expect(targetSlip(mib(16), { floor: mib(512), memory: mib(8192) })).toBe(
      '16384 MiB are 16777216, and the VM has 8388608',
    );
  });

  test('that no guest could live with is a slip even if nothing is guaranteed', () => {
    expect(targetSlip(KiB(768), { floor: KiB(0), memory: mib(1024) })).toBe('768 MiB are 786432');
  });
});

describe('a size', () => {
  test.each([
    [786_432, 4096, '786432 KiB are 768'],
    [805_306_368, 4096, '805306368 bytes are 768'],
    [4_194_304, 4096, '4194304 KiB are 4096'],
  ])('of %i MiB for a VM of %i MiB at most is a slip', (size, most, correction) => {
    expect(sizeSlip(size, most)).toBe(correction);
  });

  test.each([1, 1024, 4096, 5000, 8192])(
    'of %i MiB for a VM of 4096 MiB at most is none',
    (size) => {
      expect(sizeSlip(size, 4096)).toBeUndefined();
    },
  );

  test('in bytes can have been given in KiB or MiB', () => {
    const most = 1024 ** 3;
    expect(sizeSlip(1_048_576, most, 'bytes')).toBe('1048576 KiB are 1073741824');
    expect(sizeSlip(512, most, 'bytes')).toBe('512 MiB are 536870912');
    expect(sizeSlip(536_870_912, most, 'bytes')).toBeUndefined();
  });
});
