import { expect, test } from '@jest/globals';
import { roundedSize } from '../../src/common/roundedSize.ts';
import { KiB } from '../../src/common/units.ts';

test.each([
  [0, '0 KiB'],
  [12, '12 KiB'],
  [1024, '1 MiB'],
  [838_860, '819 MiB'],
  [1024 ** 2 - 1, '1.0 GiB'],
  [1_258_291, '1.2 GiB'],
  [-3 * 1024 ** 2, '-3.0 GiB'],
])('%i KiB is %s', (size, text) => {
  expect(roundedSize(KiB(size))).toBe(text);
});
