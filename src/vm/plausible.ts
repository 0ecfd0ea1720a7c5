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
const isVcpus = upTo(MOST_VCPUS);
const isSecond = upTo(LAST_SECOND);
const isTime = (time: bigint): boolean => time >= 0n && time <= INT64_MAX;

/** Returns the value, or undefined unless it can be true. */
const known = <T>(value: T | undefined, canBe: (value: T) => boolean): T | undefined =>
  value !== undefined && canBe(value) ? value : undefined;

/**
 * Returns the sample of a VM that has at most `memory`, plugged devices included, without values that cannot be true: a
 * guest or its QEMU made them up.
 */
export function plausible(sample: BalloonSample, memory: KiB): BalloonSample {
  const isOfBalloon = (size: KiB): boolean => isBalloonSize(size, memory);
  const available = known(sample.available, isOfBalloon);
  // The guest counts some figures as parts of its total.
  const isPart = (size: KiB): boolean =>
    isSize(size) && (available === undefined || size <= available);
  return {
    state: sample.state,
    vcpus: known(sample.vcpus, isVcpus),
    cpuTimeNs: known(sample.cpuTimeNs, isTime),
    cpuAccountedNs: known(sample.cpuAccountedNs, isTime),
    current: known(sample.current, isOfBalloon),
    maximum: known(sample.maximum, isSize),
    available,
    unused: known(sample.unused, isPart),
    usable: known(sample.usable, isPart),
    diskCaches: known(sample.diskCaches, isPart),
    rss: known(sample.rss, isSize),
    swapIn: known(sample.swapIn, isSize),
    swapOut: known(sample.swapOut, isSize),
    majorFaults: known(sample.majorFaults, isCount),
    minorFaults: known(sample.minorFaults, isCount),
    lastUpdate: known(sample.lastUpdate, isSecond),
  };
}

/** Returns whether that can be the size that a balloon leaves to a VM that has at most `memory`. */
export const isBalloonSize = (current: KiB, memory: KiB): boolean =>
  isSize(current) && current <= memory * TOLERANCE;
