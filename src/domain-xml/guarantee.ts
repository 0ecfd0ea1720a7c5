import { KiB, MiB, toKiB } from '../common/units.ts';

/** A guarantee may exceed the memory by as much, since oVirt's hosted engine rounds it up. */
const ROUNDING = toKiB(MiB(1));

/** Returns a guarantee, or the memory if that is less by rounding; undefined if the guarantee exceeds the memory. */
export const fittingGuarantee = (guarantee: KiB, memory: KiB): KiB | undefined =>
  guarantee > memory + ROUNDING ? undefined : KiB(Math.min(guarantee, memory));
