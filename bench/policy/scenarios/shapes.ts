import type { Workload } from '../../../src/host/simulated/guest/workload.ts';
import { between } from '../../../src/host/simulated/guest/random.ts';
import { KiB } from '../../../src/common/units.ts';
import { GIB, type GuestPlan } from '../scenario.ts';

/** Sizes over time, in GiB. */
export type Shape = (time: number) => number;

export const steady =
  (size: number): Shape =>
  () =>
    size;

export const step =
  (before: number, at: number, after: number): Shape =>
  (time) =>
    time < at ? before : after;

/** Moves evenly from one size to another. */
export const ramp =
  (before: number, from: number, after: number, to: number): Shape =>
  (time) =>
    before + (after - before) * Math.min(1, Math.max(0, (time - from) / (to - from)));

/** Swings between two sizes with a period; `phase` is a share of it. */
export const wave =
  (low: number, high: number, period: number, phase = 0): Shape =>
  (time) =>
    low + ((high - low) * (1 - Math.cos(2 * Math.PI * (time / period + phase)))) / 2;

/** Jumps about a size by so large a share of it every ten seconds; `seed` makes it differ from others. */
export const noisy =
  (size: number, share: number, seed = 0): Shape =>
  (time) =>
    size * between(1 - share, 1 + share, seed, `noise ${String(Math.floor(time / 10))}`);

/** Rises for `length` seconds out of every `period`. */
export const bursts =
  (usual: number, peak: number, { length, period, phase = 0 }: Bursts): Shape =>
  (time) =>
    (time + phase * period) % period < length ? peak : usual;

interface Bursts {
  readonly length: number;
  readonly period: number;
  readonly phase?: number;
}

const rate = (mib: number): KiB => KiB(mib * 1024);

/** Fills free memory with page cache that is not read again, at so many MiB per second. */
export const streaming = (mib: number): (() => Partial<Workload>) => {
  const workload = { streamRate: rate(mib) };
  return () => workload;
};

/** Uses all of its memory for a moment now and then, and leaves it unused otherwise. */
export const churning = (mib: number): (() => Partial<Workload>) => {
  const workload = { churnRate: rate(mib) };
  return () => workload;
};

/** Reads files of so many GiB again and again, at so many MiB per second. */
export const reading = (gib: number, mib: number): (() => Partial<Workload>) => {
  const workload = { files: KiB(Math.round(gib * GIB)), readRate: rate(mib) };
  return () => workload;
};

/** An ordinary guest of 8 GiB with a quarter of it guaranteed, which fills its free memory with page cache. */
export const plan = (
  name: string,
  workingSet: Shape,
  more: Partial<GuestPlan> = {},
): GuestPlan => ({
  name,
  memory: 8,
  floor: 2,
  workingSet,
  workload: streaming(20),
  ...more,
});

/** Several such guests. */
export const herd = (
  count: number,
  workingSet: (index: number) => Shape,
  more: (index: number) => Partial<GuestPlan> = () => ({}),
): GuestPlan[] =>
  Array.from({ length: count }, (_, index) =>
    plan(`vm${String(index + 1)}`, workingSet(index), more(index)),
  );
