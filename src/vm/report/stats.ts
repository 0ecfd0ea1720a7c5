import { wholeMiB } from '../../memory/balloon.ts';
import type { Typed, Unsent } from '../../common/typed.ts';
import { type KiB, Milliseconds, Seconds } from '../../common/units.ts';
import type { BalloonInfo, MemoryStats, VmStats } from '../../../schema/vmStats.ts';
import type { Sampled, Samples } from '../history.ts';

type GuestStats = Unsent<typeof MemoryStats>;
export type StatsEntry = Unsent<typeof VmStats>;

export interface BalloonFigures {
  readonly memory: KiB;
  readonly floor: KiB;
  readonly target: KiB;
  readonly enabled: boolean;
  /** Whether clients may only give memory back to the guest. */
  readonly isKept: boolean;
}

/**
 * Returns VDSM's balloonInfo with all fields, or undefined until the hypervisor has reported the current size. The
 * minimum of a guest that keeps what it has is its current size, since MoM shrinks no guest below that.
 */
export function balloonInfo(
  { memory, floor, target, enabled, isKept }: BalloonFigures,
  { newest }: Samples,
): Typed<typeof BalloonInfo> | undefined {
  // MoM shrinks a guest to its minimum on a current size of 0, so 0 is never reported.
  if (!newest?.current) return undefined;
  const most = wholeMiB(memory);
  const least = isKept ? Math.max(floor, Math.min(newest.current, most)) : floor;
  return {
    balloon_cur: String(newest.current),
    balloon_max: String(most),
    balloon_min: String(least),
    balloon_target: String(target),
    ballooning_enabled: enabled,
  };
}

/**
 * Returns VDSM's memoryStats (virt/vmstats.py), or undefined until the guest has reported its memory twice: MoM skips
 * a VM without statistics, but fails on one without rates.
 */
export function memoryStats({ newest, previous }: Samples): GuestStats | undefined {
  if (newest?.available === undefined || previous?.available === undefined) return undefined;
  const { available, unused, diskCaches } = newest;
  const rate = perSecond(newest, previous);
  const majflt = rate('majorFaults');
  const minflt = rate('minorFaults');
  return {
    mem_total: String(available),
    mem_unused: text(unused),
    mem_free: unused === undefined ? undefined : String(unused + (diskCaches ?? 0)),
    swap_in: rate('swapIn'),
    swap_out: rate('swapOut'),
    majflt,
    minflt,
    pageflt: majflt === undefined || minflt === undefined ? undefined : majflt + minflt,
  };
}

/** How fast a guest swaps, in KiB per second. */
export interface SwapRates {
  readonly in: number;
  readonly out: number;
}

/** Returns how fast the guest swapped between its last two reports; undefined if that is unknown. */
export function swapRates({ newest, previous }: Samples): SwapRates | undefined {
  if (!newest || !previous) return undefined;
  const rate = perSecond(newest, previous);
  const [swappedIn, swappedOut] = [rate('swapIn'), rate('swapOut')];
  return swappedIn === undefined || swappedOut === undefined ?
      undefined
    : { in: swappedIn, out: swappedOut };
}

/**
 * Returns the last figures of a guest that has stopped to report, as VDSM keeps them, if they are complete: MoM needs
 * all of them to give memory back. Without two reports, the rates are VDSM's between two samples of the same report.
 */
export function keptMemoryStats({ newest, previous }: Samples) {
  if (!newest) return undefined;
  const known = memoryStats({ newest, previous });
  const same = { ...newest, lastUpdate: Seconds(0) };
  const before = { ...same, at: Milliseconds(same.at - 1000) };
  const stats = isComplete(known) ? known : memoryStats({ newest: same, previous: before });
  return isComplete(stats) ? stats : undefined;
}

const NEEDED = ['mem_unused', 'mem_free', 'swap_in', 'swap_out', 'pageflt'] as const;

const isComplete = (stats: GuestStats | undefined): boolean =>
  stats !== undefined && NEEDED.every((name) => stats[name] !== undefined);

/** Returns the used part of the guest's memory in percent, as text from "1" to "100"; "0" without `stats`. */
export function memUsage(memory: KiB, stats: GuestStats | undefined): string {
  if (stats?.mem_free === undefined || memory === 0) return '0';
  const used = Math.floor(100 - (Number(stats.mem_free) / memory) * 100);
  return String(Math.min(100, Math.max(1, used)));
}

type Counter = 'majorFaults' | 'minorFaults' | 'swapIn' | 'swapOut';

/** Returns a function for a counter's growth per second; undefined if unknown, or if the counter fell, as by a reboot. */
function perSecond(newest: Sampled, previous: Sampled) {
  const seconds = secondsBetween(previous, newest);
  return (counter: Counter): number | undefined => {
    const [now, before] = [newest[counter], previous[counter]];
    if (now === undefined || before === undefined || seconds <= 0 || now < before) return undefined;
    return rounded((now - before) / seconds);
  };
}

/** Returns the time between two reports by the guest's own time, since its period differs from the sampling interval. */
const secondsBetween = (previous: Sampled, newest: Sampled): number =>
  previous.lastUpdate && newest.lastUpdate ?
    newest.lastUpdate - previous.lastUpdate
  : (newest.at - previous.at) / 1000;

/** Rounds to the nearest integer, halves to the even one, as VDSM does. */
function rounded(rate: number): number {
  const nearest = Math.round(rate);
  return nearest - rate === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

const text = (n: number | undefined): string | undefined => (n === undefined ? n : String(n));
