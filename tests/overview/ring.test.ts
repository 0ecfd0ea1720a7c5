import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assertProperty } from '../support/property.ts';
import { Ring } from '../../src/overview/history/ring.ts';

const LENGTH = 7;
const columns = [
  { name: 'size', unit: 4 },
  { name: 'rate', unit: 1 },
];

test('whatever steps come, the last ones are kept, in a block of memory that does not grow', () => {
  const entry = fc.record({
    // also backwards, as if a clock were torn
    forward: fc.integer({ min: -3, max: 12 }),
    size: fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined }),
    rate: fc.option(fc.nat(1000), { nil: undefined }),
  });
  assertProperty(
    fc.property(fc.nat(10_000), fc.array(entry, { maxLength: 40 }), (start, entries) => {
      const ring = new Ring(columns, LENGTH);
      const { bytes } = ring;
      const model = new Map<number, readonly [number | undefined, number | undefined]>();
      let step = start;
      let newest = -Infinity;
      for (const { forward, size, rate } of entries) {
        step += forward;
        ring.put(step, [size === undefined ? size : size * 4, rate]);
        if (step >= newest) model.set(step, [size === undefined ? size : size * 4, rate]);
        newest = Math.max(newest, step);
      }
      const expected = (index: 0 | 1) =>
        Array.from({ length: 3 * LENGTH }, (_, back) => {
          const at = step - 2 * LENGTH + back;
          return at > newest - LENGTH ? (model.get(at)?.[index] ?? null) : null;
        });
      const [first, last] = [step - 2 * LENGTH, step + LENGTH - 1];
      expect(ring.column(0, first, last)).toEqual(expected(0));
      expect(ring.column(1, first, last)).toEqual(expected(1));
      expect(ring.bytes).toBe(bytes);
    }),
  );
});

test.each([NaN, -1, Infinity, 2 ** 40])('a value that cannot be kept is unknown: %d', (value) => {
  const ring = new Ring(columns, LENGTH);
  ring.put(1, [4, 5]);
  ring.put(1, [4, value]);
  expect(ring.column(1, 1, 1)).toEqual([null]);
});
