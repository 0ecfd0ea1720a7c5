import { type KiB, MiB, toKiB } from '../common/units.ts';
import type { BalloonRange } from './balloon.ts';
import { type Unit, unitSlip } from '../common/unitSlip.ts';

/** No guest lives with less. */
const LIVABLE = toKiB(MiB(16));

/** Returns a correction for a balloon target that was probably given in MiB or bytes. */
export function targetSlip(target: KiB, { floor, memory }: BalloonRange): string | undefined {
  const least = Math.max(floor, LIVABLE);
  const slip = unitSlip(target, { unit: 'KiB', least, most: memory });
  return slip ?? (target < least ? moreThanAll(target, memory) : undefined);
}

/** Returns a correction for a target that was probably meant as all memory, in MiB, and a little more. */
function moreThanAll(target: KiB, memory: KiB): string | undefined {
  const meant = toKiB(MiB(target));
  if (meant <= memory || (target >= LIVABLE && meant > NEAR * memory)) return undefined;
  return `${String(target)} MiB are ${String(meant)}, and the VM has ${String(memory)}`;
}

/** A target that is meant to be all memory is hardly ever this many times the memory. */
const NEAR = 2;

/** Returns a correction for a size that was probably not given in `unit`: it is far above `most`, or far below. */
export const sizeSlip = (size: number, most: number, unit: Unit = 'MiB'): string | undefined =>
  unitSlip(size, { unit, least: most / FAR, most });

/** A size is hardly ever changed by this factor at once. */
const FAR = 64;
