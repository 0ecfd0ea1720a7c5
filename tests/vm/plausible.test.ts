import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB, Seconds } from '../../src/common/units.ts';
import type { BalloonSample } from '../../src/host/hypervisor.ts';
import { isBalloonSize, plausible } from '../../src/vm/plausible.ts';
import { assertProperty } from '../support/property.ts';

const MEMORY = KiB(1024 ** 2);
const whole: Required<BalloonSample> = {
  state: 'running',
  vcpus: 2,
  cpuTimeNs: 2n ** 61n,
  cpuAccountedNs: 2n ** 60n,
  current: KiB(800_000),
  maximum: MEMORY,
  available: KiB(1_000_000),
  unused: KiB(500_000),
  usable: KiB(600_000),
  diskCaches: KiB(100_000),
  rss: KiB(900_000),
  swapIn: KiB(1),
  swapOut: KiB(0),
  majorFaults: 7,
  minorFaults: 2 ** 50,
  lastUpdate: Seconds(1_790_000_000),
};
type Figure = Exclude<keyof BalloonSample, 'state' | 'cpuTimeNs' | 'cpuAccountedNs'>;
const figures = Object.keys(whole).filter(
  (name): name is Figure => name !== 'state' && !name.startsWith('cpu'),
);
const without = (...names: (keyof BalloonSample)[]) =>
  Object.fromEntries(Object.entries(whole).filter(([name]) => !names.includes(name as Figure)));

test('a sample that can be true stays as it is', () => {
  expect(plausible(whole, MEMORY)).toEqual(whole);
  const booting = { ...whole, lastUpdate: Seconds(0), current: KiB(0) };
  expect(plausible(booting, MEMORY)).toEqual(booting);
});

test.each(
  figures.flatMap((name) => [2 ** 53, -1, NaN, Infinity, 0.5].map((v) => [name, v] as const)),
)('%s of %d is absent, and nothing else', (name, value) => {
  const found = plausible({ ...whole, [name]: value }, MEMORY);
  expect(found).toEqual(without(name));
});

test.each([-1n, 2n ** 63n])('a CPU time of %d is absent', (time) => {
  expect(plausible({ ...whole, cpuTimeNs: time }, MEMORY)).toEqual(without('cpuTimeNs'));
  expect(plausible({ ...whole, cpuAccountedNs: time }, MEMORY)).toEqual(without('cpuAccountedNs'));
});

test.each([
  ['available', 2 * MEMORY + 1],
  ['current', 2 * MEMORY + 1],
  ['unused', 1_000_001],
  ['usable', 1_000_001],
  ['diskCaches', 1_000_001],
  ['maximum', 2 ** 43],
  ['lastUpdate', 253_402_300_800],
] as const)('%s of %d contradicts the rest and is absent', (name, value) => {
  expect(plausible({ ...whole, [name]: value }, MEMORY)).toEqual(without(name));
});

test('a guest may count a little more than the VM has', () => {
  const sample = { ...whole, available: KiB(MEMORY + 4096) };
  expect(plausible(sample, MEMORY)).toEqual(sample);
});

test('every figure that is left has exact bytes and a time that can be written', () => {
  const anything = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.integer());
  const samples = fc.record(Object.fromEntries(figures.map((name) => [name, anything])));
  assertProperty(
    fc.property(samples, (sample) => {
      const { state, lastUpdate, minorFaults, majorFaults, ...sizes } = plausible(
        { state: 'running', ...sample },
        MEMORY,
      );
      expect(state).toBe('running');
      for (const size of Object.values(sizes).filter((value) => value !== undefined))
        expect(Number.isSafeInteger(Number(size) * 1024)).toBe(true);
      if (lastUpdate !== undefined)
        expect(new Date(lastUpdate * 1000).toISOString()).toMatch(/^\d{4}-/);
      expect([minorFaults ?? 0, majorFaults ?? 0].every(Number.isSafeInteger)).toBe(true);
    }),
  );
});

test.each([
  [0, true],
  [MEMORY, true],
  [2 * MEMORY + 1, false],
  [2 ** 64, false],
  [-1, false],
  [NaN, false],
])('a balloon that leaves %d of 1 GiB is possible: %s', (current, isPossible) => {
  expect(isBalloonSize(KiB(current), MEMORY)).toBe(isPossible);
});
