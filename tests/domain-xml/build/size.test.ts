import { expect, test } from '@jest/globals';
import { size } from '../../../src/domain-xml/build/size.ts';
import { MiB } from '../../../src/common/units.ts';

test('MiB become KiB', () => {
  expect(size(MiB(512), 'memSize')).toBe(524288);
  expect(size(MiB(0), 'memSize')).toBe(0);
});

test.each([-1, 1.5, NaN, 2 ** 50])("%s MiB are refused with the parameter's name", (amount) => {
  expect(() => size(MiB(amount), 'memSize')).toThrow(
    `memSize is ${amount}; give whole MiB, 0 or more`,
  );
});
