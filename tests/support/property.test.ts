import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assertProperty } from './property.ts';

const anything = fc.nat();

test('a property without time gets ten runs', async () => {
  let runs = 0;
  const count = (): void => void (runs += 1);
  assertProperty(fc.property(anything, count), { seconds: 0 });
  expect(runs).toBe(10);
  await assertProperty(
    fc.asyncProperty(anything, async () => count()),
    { seconds: 0 },
  );
  expect(runs).toBe(20);
});

test('examples are tried before all other values, and besides them', () => {
  const seen: number[] = [];
  const property = fc.property(anything, (n) => void seen.push(n));
  assertProperty(property, { seconds: 0, examples: [[7], [8]] });
  expect(seen.slice(0, 2)).toEqual([7, 8]);
  expect(seen).toHaveLength(12);
});

test('a property that does not hold fails with its smallest counterexample, although its time is over', async () => {
  const small = (n: number): void => expect(n).toBeLessThan(5);
  expect(() => {
    assertProperty(fc.property(anything, small), { seconds: 0 });
  }).toThrow('Counterexample: [5]');
  await expect(
    assertProperty(
      fc.asyncProperty(anything, async (n) => small(n)),
      { seconds: 0 },
    ),
  ).rejects.toThrow('Counterexample: [5]');
});

test('the same values are tried each time', () => {
  const values = (): number[] => {
    const seen: number[] = [];
    assertProperty(
      fc.property(anything, (n) => void seen.push(n)),
      { seconds: 0 },
    );
    return seen;
  };
  expect(values()).toEqual(values());
});
