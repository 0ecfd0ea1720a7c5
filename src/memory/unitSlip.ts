import { type KiB, MiB, toKiB } from '../common/units.ts';
import type { BalloonRange } from './balloon.ts';
import { type Unit, unitSlip } from '../common/unitSlip.ts';

/** No guest lives with less. */
const LIVABLE = toKiB(MiB(16));

/** Returns a correction for a balloon target that was probably given in MiB or bytes. */
export const targetSlip = (target: KiB, { floor, memory }: BalloonRange): string | undefined =>
  unitSlip(target, { unit: 'KiB', least: Math.max(floor, LIVABLE), most: memory });

/** Returns a correction for a size that was probably not given in `unit`: it is far above `most`, or far below. */
export const sizeSlip = (size: number, most: number, unit: Unit = 'MiB'): string | undefined =>
  unitSlip(size, { unit, least: most / FAR, most });

/** A size is hardly ever changed by this factor at once. */
const FAR = 64;
