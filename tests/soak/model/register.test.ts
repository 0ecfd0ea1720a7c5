import { expect, test } from '@jest/globals';
import { Register } from './register.ts';

test('a write that was answered replaces what was before', () => {
  const register = new Register(1);
  register.write(2)('done');
  expect([1, 2].map((value) => register.allows(value))).toEqual([false, true]);
});

test('of writes at the same time, any may hold', () => {
  const register = new Register(1);
  const [one, other] = [register.write(2), register.write(3)];
  one('done');
  other('done');
  expect([1, 2, 3].map((value) => register.allows(value))).toEqual([false, true, true]);
});

test('a failed write may hold until a later one is answered', () => {
  const register = new Register(1);
  register.write(2)('failed');
  expect([1, 2].map((value) => register.allows(value))).toEqual([true, true]);
  register.write(3)('done');
  expect([1, 2, 3].map((value) => register.allows(value))).toEqual([false, false, true]);
});

test('a lost write may be done at any time, until the value is known', () => {
  const register = new Register(1);
  register.write(2)('lost');
  register.write(3)('done');
  expect([1, 2, 3].map((value) => register.allows(value))).toEqual([false, true, true]);
  register.settle(3);
  expect(register.allows(2)).toBe(false);
});

test('a value that was never known may be any until a write is answered', () => {
  const register = new Register<number>();
  register.write(2)('lost');
  register.write(3)('failed');
  expect(register.allows(1)).toBe(true);
  register.write(4)('done');
  expect([1, 2, 3, 4].map((value) => register.allows(value))).toEqual([false, true, false, true]);
});

test('a write that was refused never holds', () => {
  const register = new Register(1);
  register.write(2)('void');
  expect(register.allows(2)).toBe(false);
});
