import type { Milliseconds } from '../../common/units.ts';
import type { Sampled } from '../history.ts';
import type { StatsEntry } from './stats.ts';

interface CpuSamples {
  readonly newest?: Sampled | undefined;
  /** The sample before the newest one. */
  readonly preceding?: Sampled | undefined;
}

/**
 * Returns a VM's CPU figures as VDSM computes them (virt/vmstats.py): in percent of one CPU between two samples, what
 * the host accounts as user and system time, and the rest, as the guest's. Without accounting libvirt counts the
 * process's own times, of which user and system time are the whole; two samples of different accounts say nothing.
 * Unknown figures are absent.
 */
export function cpuFigures({ newest, preceding }: CpuSamples): Partial<StatsEntry> {
  const now = newest && timesOf(newest);
  if (!now) return {};
  const cpuUsage = String(now.accounted);
  const before = preceding && timesOf(preceding);
  if (!before || !isComparable(before, now)) return { cpuUsage };
  const percent = (time: bigint): string =>
    Math.max(0, Number(time) / 10_000 / (now.at - before.at)).toFixed(2);
  const accounted = now.accounted - before.accounted;
  return {
    cpuUsage,
    cpuUser: percent(now.total - before.total - accounted),
    cpuSys: percent(accounted),
    cpuActual: true,
  };
}

interface Times {
  readonly at: Milliseconds;
  /** Nanoseconds since the start. */
  readonly total: bigint;
  readonly accounted: bigint;
  readonly isByProcess: boolean;
}

const timesOf = ({ at, cpuTimeNs: total, cpuAccountedNs }: Sampled): Times | undefined =>
  total === undefined ? undefined : (
    { at, total, accounted: cpuAccountedNs ?? total, isByProcess: cpuAccountedNs === undefined }
  );

const isComparable = (before: Times, now: Times): boolean =>
  before.at < now.at && before.total <= now.total && before.isByProcess === now.isByProcess;
