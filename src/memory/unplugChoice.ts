import { KiB } from '../common/units.ts';

/** A DIMM that can be unplugged. */
export interface Candidate {
  readonly alias: string;
  readonly size: KiB;
}

/** The best set of DIMMs with one sum. */
export interface Choice {
  readonly sum: KiB;
  readonly count: number;
  /** Youngest first. */
  readonly devices: () => Candidate[];
}

const UNREACHABLE = 0xffff;

/** Cells of one byte each; far more than DIMMs of whole blocks need. */
const MOST_CELLS = 2 ** 24;

/**
 * Returns the best set of candidates for each sum up to `most` that they can reach, in ascending order: the set with
 * the fewest devices, on a tie the one with the youngest. Candidates are given oldest first. With too many different
 * sums, sizes are rounded up to a common unit.
 */
export function unplugChoices(candidates: readonly Candidate[], most: KiB): Choice[] {
  const fitting = candidates.filter(({ size }) => size <= most);
  const unit = unitOf(fitting, most);
  const widths = fitting.map(({ size }) => Math.ceil(size / unit));
  const steps = Math.min(Math.floor(most / unit), sumOf(widths));
  const fewest = new Uint16Array(steps + 1).fill(UNREACHABLE, 1);
  const isTaken = widths.map((width) => addDevice(fewest, width));

  const devices = (step: number): Candidate[] => {
    let rest = step;
    return fitting.toReversed().filter((_, fromLast) => {
      const index = fitting.length - 1 - fromLast;
      const takes = isTaken[index]?.[rest] === 1;
      if (takes) rest -= widths[index] ?? 0;
      return takes;
    });
  };
  const choices: Choice[] = [];
  fewest.forEach((count, step) => {
    if (count === UNREACHABLE) return;
    choices.push({ sum: KiB(step * unit), count, devices: () => devices(step) });
  });
  return choices;
}

/** Adds a device to the sums of the older ones; returns a 1 for each sum whose best set contains it. */
function addDevice(fewest: Uint16Array, width: number): Uint8Array {
  const takes = new Uint8Array(fewest.length);
  for (let step = fewest.length - 1; step >= width; step -= 1) {
    const count = (fewest[step - width] ?? UNREACHABLE) + 1;
    // on a tie the set with this device is the younger one
    if (count > (fewest[step] ?? UNREACHABLE)) continue;
    fewest[step] = count;
    takes[step] = 1;
  }
  return takes;
}

/** Returns the unit of sums, in KiB: the sizes' greatest common divisor, or more where the table would be too large. */
function unitOf(candidates: readonly Candidate[], most: KiB): number {
  const sizes = candidates.map(({ size }) => size);
  const largest = Math.min(most, sumOf(sizes));
  return Math.max(
    1,
    sizes.reduce(commonDivisor, 0),
    Math.ceil((largest * sizes.length) / MOST_CELLS),
  );
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);
