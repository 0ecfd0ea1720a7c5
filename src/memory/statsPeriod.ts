import type { Seconds } from '../common/units.ts';

/** The configured policy for statistics periods. */
export interface PeriodPolicy {
  /** The configured period; 0 or less: guests do not report. */
  readonly period: Seconds;
  /** Whether a period that another program set is replaced as well. */
  readonly own: 'when-absent' | 'always';
}

/**
 * Returns the period to set for a VM whose period is `live`, or undefined if none has to be set. A client's choice for
 * this VM takes precedence. A period that another program set is kept unless `own` is `always`; a missing one is set.
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
