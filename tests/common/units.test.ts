import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  floorBytes,
  floorMiB,
  KiB,
  MiB,
  Seconds,
  toBytes,
  toKiB,
  toMilliseconds,
} from '../../src/common/units.ts';
import { assertProperty } from '../support/property.ts';

test('a MiB is 1024 KiB', () => {
  expect(toKiB(MiB(1024))).toBe(1_048_576);
});

test('a conversion from MiB to KiB and back keeps the size', () => {
  assertProperty(
    fc.property(fc.integer({ min: 0, max: 2 ** 42 }), (n) => {
      expect(floorMiB(toKiB(MiB(n)))).toBe(n);
    }),
  );
});

test('a fraction of a MiB is rounded down', () => {
  expect([1023, 1024, 2047].map((n) => floorMiB(KiB(n)))).toEqual([0, 1, 1]);
});

test('a second is 1000 ms', () => {
  expect(toMilliseconds(Seconds(21))).toBe(21_000);
});

test('bytes are rounded down to whole MiB', () => {
  assertProperty(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 }), fc.nat(1_048_575), (n, rest) => {
      expect(floorBytes(toBytes(toKiB(MiB(n))) + rest)).toBe(n);
    }),
  );
});
