import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { divide, type Share } from '../../../../src/policy/decide/adaptive/waterLevel.ts';
import { assertProperty } from '../../../support/property.ts';

const share = fc
  .tuple(
    fc.integer({ min: 0, max: 1e9 }),
    fc.integer({ min: 0, max: 1e9 }),
    fc.double({ min: 0.01, max: 100, noNaN: true }),
  )
  .map(([low, more, weight]): Share => ({ low, high: low + more, weight }));
const shares = fc.array(share, { minLength: 1, maxLength: 20 });
const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

test('three shares by weight, of which one is full and one cannot go lower', () => {
  const parts = divide(
    [
      { low: 0, high: 1000, weight: 1 },
      { low: 0, high: 100, weight: 2 },
      { low: 600, high: 900, weight: 1 },
    ],
    1000,
  );
  expect(parts).toEqual([300, 100, 600]);
});

test('parts lie within their bounds and add up to the amount, as far as the bounds allow', () => {
  assertProperty(
    fc.property(shares, fc.integer({ min: 0, max: 3e10 }), (given, amount) => {
      const parts = divide(given, amount);
      for (const [index, { low, high }] of given.entries()) {
        expect(parts[index]).toBeGreaterThanOrEqual(low);
        expect(parts[index]).toBeLessThanOrEqual(high);
      }
      const least = sum(given.map(({ low }) => low));
      const most = sum(given.map(({ high }) => high));
      const due = Math.min(most, Math.max(least, amount));
      expect(Math.abs(sum(parts) - due)).toBeLessThan(1);
    }),
  );
});

test('the division is max-min fair: a part above its lower bound is no larger by weight than any part below its upper bound', () => {
  assertProperty(
    fc.property(shares, fc.integer({ min: 0, max: 3e10 }), (given, amount) => {
      const parts = divide(given, amount);
      const level = (index: number): number => (parts[index] ?? 0) / (given[index]?.weight ?? 1);
      const risen = given
        .map((_, index) => index)
        .filter((index) => (parts[index] ?? 0) > (given[index]?.low ?? 0) + 1);
      const limited = given
        .map((_, index) => index)
        .filter((index) => (parts[index] ?? 0) < (given[index]?.high ?? 0) - 1);
      for (const richer of risen) {
        for (const poorer of limited) {
          expect(level(richer)).toBeLessThanOrEqual(level(poorer) * (1 + 1e-9) + 1);
        }
      }
    }),
  );
});

test('more to divide leaves nobody with less', () => {
  assertProperty(
    fc.property(
      shares,
      fc.integer({ min: 0, max: 1e10 }),
      fc.integer({ min: 0, max: 1e9 }),
      (given, amount, more) => {
        const before = divide(given, amount);
        const after = divide(given, amount + more);
        for (const [index, part] of before.entries()) {
          expect(after[index] ?? 0).toBeGreaterThanOrEqual(part - 1e-3);
        }
      },
    ),
  );
});
