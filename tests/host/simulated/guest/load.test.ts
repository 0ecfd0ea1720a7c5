import { expect, test } from '@jest/globals';
import { behaviourOf } from '../../../../src/host/simulated/guest/behaviour.ts';
import { type Load, loadFactor } from '../../../../src/host/simulated/guest/load.ts';
import { idOf, World } from '../../../support/world.ts';

const MINUTE = 60_000;
const factors = (load: Load, minutes: number): number[] =>
  Array.from({ length: minutes * 12 }, (_, step) => loadFactor(load, (step * MINUTE) / 12, 7));
const [least, most] = [Math.min, Math.max].map((f) => (all: readonly number[]) => f(...all)) as [
  (all: readonly number[]) => number,
  (all: readonly number[]) => number,
];

test.each([
  ['steady', 10, 1, 1],
  ['busy', 60, 0.6, 1.4],
  ['wave', 10, 0.4, 1.6],
  ['bursts', 5, 1, 2],
  ['leak', 30, 1, 3],
] as const)(
  'a load that is %s varies within %i minutes from %f to %f',
  (load, minutes, low, high) => {
    const all = factors(load, minutes);
    expect(least(all)).toBeCloseTo(low, 1);
    expect(most(all)).toBeCloseTo(high, 1);
  },
);

test('a burst lasts a minute in five, and a leak ends with its program', () => {
  expect(factors('bursts', 5).filter((factor) => factor === 2)).toHaveLength(12);
  expect(loadFactor('leak', 30 * MINUTE, 7)).toBe(1);
});

test('guests that differ by their seed do not swing together', () => {
  expect(loadFactor('wave', 0, 1)).not.toBeCloseTo(loadFactor('wave', 0, 2), 1);
});

test.each(['uses-0%', 'uses-101%', 'uses-%', 'uses-5', 'uses-1e1%'])(
  '%s is no part of the memory',
  (word) => {
    expect(() => behaviourOf(`vmemd.sim=${word}`)).toThrow('uses-1% to uses-100%');
  },
);

test('words choose what a guest uses and what its programs do', async () => {
  const world = await World.open();
  const sim = (words: string) => ({ kernel: '/k', kernelArgs: `vmemd.sim=${words}` });
  await world.boot(1, sim('uses-60%'));
  await world.boot(2, sim('uses-20%,streams-files'));
  await world.boot(3, sim('uses-20%,reads-files'));
  await world.sampledFor(120);
  const usage = async (n: number) =>
    (await world.call('VM.getMemoryUsage', { vmID: idOf(n) })) as Record<string, number>;
  const [full, streaming, reading] = [await usage(1), await usage(2), await usage(3)];
  expect(full['used_kib']).toBeGreaterThan(0.6 * 1_048_576);
  expect(streaming['disk_caches_kib']).toBeGreaterThan(0.6 * 1_048_576);
  expect(reading['disk_caches_kib']).toBeGreaterThan(0.4 * 1_048_576);
  expect(reading['disk_caches_kib']).toBeLessThan(0.55 * 1_048_576);
});
