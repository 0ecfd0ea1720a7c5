import { wholeMiB } from '../../memory/balloon.ts';
import type { Typed } from '../../common/typed.ts';
import type { KiB } from '../../common/units.ts';
import type { BalloonInfo, MemoryStats, VmStats } from '../../../schema/vmStats.ts';
import type { Sampled, Samples } from '../history.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';

export type StatsEntry = Typed<typeof VmStats>;

export interface BalloonFigures {
  readonly memory: KiB;
  readonly floor: KiB;
  readonly target: KiB;
  readonly enabled: boolean;
}

/** Returns VDSM's balloonInfo with all fields, or undefined until the hypervisor has reported the current size. */
export function balloonInfo(
  { memory, floor, target, enabled }: BalloonFigures,
  { newest }: Samples,
): Typed<typeof BalloonInfo> | undefined {
  // MoM shrinks a guest to its minimum on a current size of 0, so 0 is never reported.
  if (!newest?.current) return undefined;
  return {
    balloon_cur: String(newest.current),
    balloon_max: String(wholeMiB(memory)),
    balloon_min: String(floor),
    balloon_target: String(target),
    ballooning_enabled: enabled,
  };
}

/**
 * Returns VDSM's memoryStats (virt/vmstats.py), or undefined until the guest has reported its memory twice: MoM skips
 * a VM without statistics, but fails on one without rates.
 */
export function memoryStats({ newest, previous }: Samples): Typed<typeof MemoryStats> | undefined {
  if (newest?.available === undefined || previous?.available === undefined) return undefined;
  const { available, unused, diskCaches } = newest;
  const rate = perSecond(newest, previous);
  const majflt = rate('majorFaults');
  const minflt = rate('minorFaults');
  return omitUndefined({
    mem_total: String(available),
    mem_unused: text(unused),
    mem_free: unused === undefined ? undefined : String(unused + (diskCaches ?? 0)),
    swap_in: rate('swapIn'),
    swap_out: rate('swapOut'),
    majflt,
    minflt,
    pageflt: majflt === undefined || minflt === undefined ? undefined : majflt + minflt,
  });
}

/** Returns the used part of the guest's memory in percent, as text from "1" to "100"; "0" without `stats`. */
export function memUsage(memory: KiB, stats: Typed<typeof MemoryStats> | undefined): string {
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
