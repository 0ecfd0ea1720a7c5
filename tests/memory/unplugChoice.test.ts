import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Candidate, unplugChoices } from '../../src/memory/unplugChoice.ts';
import { KiB } from '../../src/common/units.ts';
import { setsOf, sum } from './domains.ts';
import { assertProperty } from '../support/property.ts';

const candidates = (sizes: readonly number[]): Candidate[] =>
  sizes.map((size, index) => ({ alias: `dimm${index}`, size: KiB(size) }));

const names = (devices: readonly Candidate[]): string[] => devices.map(({ alias }) => alias);

test('each sum is reached with the fewest devices, on a tie with the youngest', () => {
  assertProperty(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 12 }),
      fc.integer({ min: 0, max: 100 }),
      (blocks, most) => {
        const all = candidates(blocks.map((count) => count * 128));
        const best = new Map<number, Candidate[]>();
        for (const indexes of setsOf(all.length)) {
          const set = indexes.flatMap((index) => all[index] ?? []);
          const size = sum(set.map((one) => one.size));
          const known = best.get(size);
          if (size <= most * 100 && (!known || set.length < known.length)) best.set(size, set);
        }
        const choices = unplugChoices(all, KiB(most * 100));
        expect(choices.map((choice) => [choice.sum, names(choice.devices())])).toEqual(
          [...best].sort(([one], [other]) => one - other).map(([size, set]) => [size, names(set)]),
        );
        expect(choices.every(({ count, devices }) => devices().length === count)).toBe(true);
      },
    ),
  );
});

test('rounded sums never exceed their value or the limit', () => {
  const sizes = candidates(Array.from({ length: 256 }, (_, index) => 1_048_577 + 7 * index));
  const most = KiB(200 * 1_048_576);
  const choices = unplugChoices(sizes, most);
  const last = choices.at(-1);
  expect(last?.sum).toBeLessThanOrEqual(most);
  expect(last?.sum).toBeGreaterThan(0.99 * most);
  const devices = last?.devices() ?? [];
  expect(devices).toHaveLength(last?.count ?? 0);
  expect(sum(devices.map(({ size }) => size))).toBeLessThanOrEqual(last?.sum ?? 0);
});

test('no devices, or a limit of 0, give an empty choice', () => {
  expect(unplugChoices([], KiB(1024)).map(({ sum }) => sum)).toEqual([0]);
  expect(unplugChoices(candidates([128]), KiB(0)).map(({ sum }) => sum)).toEqual([0]);
});
