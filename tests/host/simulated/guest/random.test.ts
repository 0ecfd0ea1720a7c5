import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { between, random, madeUpUuid } from '../../../../src/host/simulated/guest/random.ts';
import { assertProperty } from '../../../support/property.ts';

test('a draw depends on seed and subject only, and stays within its bounds', () => {
  assertProperty(
    fc.property(fc.integer(), fc.string(), (seed, subject) => {
      const drawn = between(3, 5, seed, subject);
      expect(drawn).toBe(between(3, 5, seed, subject));
      expect(drawn).toBeGreaterThanOrEqual(3);
      expect(drawn).toBeLessThan(5);
    }),
  );
});

test('draws are evenly distributed', () => {
  const draws = Array.from({ length: 10_000 }, (_, n) => random(1, `draw ${String(n)}`));
  const tenths = Array.from(
    { length: 10 },
    (_, n) => draws.filter((draw) => Math.floor(draw * 10) === n).length,
  );
  expect(Math.min(...tenths)).toBeGreaterThan(850);
  expect(Math.max(...tenths)).toBeLessThan(1150);
});

test('UUIDs are well-formed and unique', () => {
  const made = Array.from({ length: 1000 }, (_, n) => madeUpUuid(1, String(n)));
  expect(new Set(made).size).toBe(1000);
  expect(made[0]).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-a[\da-f]{3}-[\da-f]{12}$/);
});
