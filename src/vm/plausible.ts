import type { KiB } from '../common/units.ts';
import type { BalloonSample } from '../host/hypervisor.ts';

/** Sizes from here on have no exact number of bytes. */
const IMPOSSIBLE_SIZE = 2 ** 43;
/** The last second of the year 9999: later times have no ISO 8601 form that clients read. */
const LAST_SECOND = 253_402_300_799;
const MOST_VCPUS = 65_536;
/** The largest signed 64-bit number, which clients in C and Java read. */
const INT64_MAX = 2n ** 63n - 1n;
/** A guest may count a little more memory than the VM has, but not twice as much. */
const TOLERANCE = 2;

const upTo =
  (most: number) =>
  (value: number): boolean =>
    Number.isSafeInteger(value) && value >= 0 && value <= most;

/** Returns whether that can be a size in KiB. */
export const isSize: (value: number) => boolean = upTo(IMPOSSIBLE_SIZE - 1);
const isCount = upTo(Number.MAX_SAFE_INTEGER);

const rules = {
  vcpus: upTo(MOST_VCPUS),
  current: isSize,
  maximum: isSize,
  available: isSize,
  unused: isSize,
  usable: isSize,
  diskCaches: isSize,
  rss: isSize,
  swapIn: isSize,
  swapOut: isSize,
  majorFaults: isCount,
  minorFaults: isCount,
  lastUpdate: upTo(LAST_SECOND),
} as const satisfies Partial<Record<keyof BalloonSample, (value: number) => boolean>>;

/**
 * Returns the sample of a VM that has at most `memory`, plugged devices included, without values that cannot be true: a
 * guest or its QEMU made them up.
 */
export function plausible(sample: BalloonSample, memory: KiB): BalloonSample {
  const { state, cpuTimeNs, cpuAccountedNs, available, ...others } = sample;
  const isTotal = available !== undefined && isBalloonSize(available, memory);
  const figures = { ...others, ...(isTotal && { available }) };
  const kept = Object.entries(figures).filter(
    ([name, value]) =>
      rules[name as keyof typeof rules](value) && isConsistent(name, value, figures, memory),
  );
  return {
    state,
    ...(isTime(cpuTimeNs) && { cpuTimeNs }),
    ...(isTime(cpuAccountedNs) && { cpuAccountedNs }),
    ...(Object.fromEntries(kept) as Omit<BalloonSample, 'state' | keyof CpuTimes>),
  };
}

type CpuTimes = Pick<BalloonSample, 'cpuTimeNs' | 'cpuAccountedNs'>;

const isTime = (time: bigint | undefined): time is bigint =>
  time !== undefined && time >= 0n && time <= INT64_MAX;

/** Returns whether that can be the size that a balloon leaves to a VM that has at most `memory`. */
export const isBalloonSize = (current: KiB, memory: KiB): boolean =>
  isSize(current) && current <= memory * TOLERANCE;

function isConsistent(
  name: string,
  value: number,
  { available }: Pick<BalloonSample, 'available'>,
  memory: KiB,
): boolean {
  switch (name) {
    case 'current':
      return value <= memory * TOLERANCE;
    case 'unused':
    case 'usable':
    case 'diskCaches':
      // The guest counts these as parts of its total.
      return available === undefined || value <= available;
    default:
      return true;
  }
}
