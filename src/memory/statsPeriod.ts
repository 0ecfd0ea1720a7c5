import type { Seconds } from '../common/units.ts';

/** How VMs get their statistics period. */
export interface PeriodPolicy {
  /** The configured period; 0 or less: guests are not asked to report. */
  readonly period: Seconds;
  /** Whether a period that somebody else chose is replaced as well. */
  readonly own: 'when-absent' | 'always';
}

/**
 * The period to set for a VM that has `live`, or undefined where it has the right one. What a client chose for this
 * VM is kept; a period that somebody else chose is left alone unless all are ours, but no period at all is mended.
 */
export function periodToSet(
  live: Seconds | undefined,
  chosen: Seconds | undefined,
  { period, own }: PeriodPolicy,
): Seconds | undefined {
  const wanted = Math.max(0, chosen ?? period) as Seconds;
  const now = live ?? 0;
  if (now === wanted) return undefined;
  const isOurs = chosen !== undefined || own === 'always';
  return isOurs || now === 0 ? wanted : undefined;
}
