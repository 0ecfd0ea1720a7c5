import { type KiB, MiB, toKiB } from '../common/units.ts';
import type { BalloonRange } from './balloon.ts';
import { unitSlip } from '../common/unitSlip.ts';

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
