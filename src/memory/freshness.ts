import { Seconds } from '../common/units.ts';

/** How far a guest's statistics can be trusted; only `fresh` ones are used for decisions. */
export type Freshness =
  /** The guest reported within its period. */
  | { readonly state: 'fresh'; readonly age: Seconds }
  /** The guest has reported, but its last report is too old. */
  | { readonly state: 'stale'; readonly age: Seconds }
  /** The VM is paused, and its statistics do not change. */
  | { readonly state: 'paused' }
  /** The guest's driver reports, but without values. */
  | { readonly state: 'no-values'; readonly age: Seconds }
  /** No driver in the guest has ever reported. */
  | { readonly state: 'never' }
  /** No statistics period is set. */
  | { readonly state: 'no-period' }
  /** The VM has no balloon device. */
  | { readonly state: 'no-device' }
  /** The hypervisor has not answered for the VM since its run began or became known. */
  | { readonly state: 'unknown' };

/** What freshness is derived from. */
export interface Report {
  /** Whether the hypervisor has answered for the VM in this run. */
  readonly isSampled: boolean;
  readonly hasDevice: boolean;
  /** 0: the guest does not report. */
  readonly period: Seconds;
  readonly isPaused: boolean;
  /** Wall clock of the guest's last report, 0 or absent before the first. */
  readonly lastUpdate?: Seconds | undefined;
  /** How long ago that report was first seen, by the monotonic clock. */
  readonly seenFor: Seconds;
  /** Whether any of the guest's own figures came with it. */
  readonly hasValues: boolean;
  /** Wall clock now. */
  readonly now: Seconds;
  /** The time between two samples. */
  readonly samplingInterval: Seconds;
}

/**
 * Returns the freshness by the last report's age and values, since each alone misleads. A report is stale once it is
 * older than two periods and two sampling intervals.
 */
export function freshnessOf(report: Report): Freshness {
  const { hasDevice, period, isPaused, lastUpdate, hasValues, now, samplingInterval } = report;
  const { seenFor, isSampled } = report;
  if (!hasDevice) return { state: 'no-device' };
  if (period <= 0) return { state: 'no-period' };
  if (isPaused) return { state: 'paused' };
  if (!isSampled) return { state: 'unknown' };
  if (!lastUpdate) return { state: 'never' };
  // the wall clock may have been set back since
  const age = Seconds(Math.max(Math.round(now - lastUpdate), Math.floor(seenFor)));
  if (age > 2 * (period + samplingInterval)) return { state: 'stale', age };
  return { state: hasValues ? 'fresh' : 'no-values', age };
}
