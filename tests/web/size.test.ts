import { describe, expect, test } from '@jest/globals';
import { KiB } from '../../src/common/units.ts';
import { exactly, gibText, inGib, percent, readGib } from '../../web/model/size.ts';
import { GIB } from './vms.ts';

describe('sizes on the page', () => {
  test.each([
    [0, '0.00 GiB'],
    [1, '< 0.01 GiB'],
    [0.5 * GIB, '0.50 GiB'],
    [9.994 * GIB, '9.99 GiB'],
    [9.996 * GIB, '10.0 GiB'],
    [12.34 * GIB, '12.3 GiB'],
    [99.96 * GIB, '100 GiB'],
    [384 * GIB, '384 GiB'],
    [4096 * GIB, '4,096 GiB'],
  ])('%d KiB is %s', (size, text) => {
    expect(inGib(KiB(size))).toBe(text);
  });

  test('the exact size has all digits', () => {
    expect(exactly(KiB(1_048_577))).toBe('1,048,577 KiB');
  });

  test.each([
    ['1.5', 1.5 * GIB],
    [' 2 GiB ', 2 * GIB],
    ['0,25', 0.25 * GIB],
  ])('%j is read as a size', (text, size) => {
    expect(readGib(text)).toBe(size);
  });

  test.each(['', 'much', '-1', '1e3', '2 MiB', '1.2.3'])('%j is no size', (text) => {
    expect(readGib(text)).toBeUndefined();
  });

  test('a size that was written for a form is read back to the MiB', () => {
    for (let mib = 1; mib < 20_000; mib += 37) {
      expect(readGib(gibText(KiB(mib * 1024)))).toBe(mib * 1024);
    }
  });

  test('a share of nothing is none', () => {
    expect(percent(0, 0)).toBe('0 %');
    expect(percent(1, 3)).toBe('33 %');
  });
});
