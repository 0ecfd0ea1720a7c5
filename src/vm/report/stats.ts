import { wholeMiB } from '../../memory/balloon.ts';
import type { Typed } from '../../common/typed.ts';
import type { KiB } from '../../common/units.ts';
import type { BalloonInfo, MemoryStats, VmStats } from '../../../schema/vmStats.ts';
import type { Sampled, Samples } from '../history.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';

export type StatsEntry = Typed<typeof VmStats>;

export interface BalloonFigures {
  readonly memory: KiB;
  readonly guaranteed: KiB;
  readonly target: KiB;
  readonly enabled: boolean;
}

/** VDSM's balloonInfo, complete, or undefined until the hypervisor has told the current size. */
export function balloonInfo(
  { memory, guaranteed, target, enabled }: BalloonFigures,
  { newest }: Samples,
): Typed<typeof BalloonInfo> | undefined {
  // MoM shrinks a guest to its minimum on a current size of 0, so 0 is never told.
  if (!newest?.current) return undefined;
  return {
    balloon_cur: String(newest.current),
    balloon_max: String(wholeMiB(memory)),
    balloon_min: String(guaranteed),
    balloon_target: String(target),
    ballooning_enabled: enabled,
  };
}

/**
 * VDSM's memoryStats (virt/vmstats.py), or undefined until the guest has told its memory twice: MoM passes over a VM
 * without statistics, but stumbles over one whose rates are not known yet.
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

/** How full the guest's memory is, in percent as text; "0", which is to say that nobody knows, only without `stats`. */
export function memUsage(memory: KiB, stats: Typed<typeof MemoryStats> | undefined): string {
  if (stats?.mem_free === undefined || memory === 0) return '0';
  const used = Math.floor(100 - (Number(stats.mem_free) / memory) * 100);
  return String(Math.min(100, Math.max(1, used)));
}

type Counter = 'majorFaults' | 'minorFaults' | 'swapIn' | 'swapOut';

/** Reads a counter's growth per second; undefined where it is not known, or went back as after a guest's reboot. */
function perSecond(newest: Sampled, previous: Sampled) {
  const seconds = secondsBetween(previous, newest);
  return (counter: Counter): number | undefined => {
    const [now, before] = [newest[counter], previous[counter]];
    if (now === undefined || before === undefined || seconds <= 0 || now < before) return undefined;
    return rounded((now - before) / seconds);
  };
}

/** Between two reports of a guest, which counts by its own period and not by ours. */
const secondsBetween = (previous: Sampled, newest: Sampled): number =>
  previous.lastUpdate && newest.lastUpdate ?
    newest.lastUpdate - previous.lastUpdate
  : (newest.at - previous.at) / 1000;

/** Rounded to the nearest integer, halves to the even one, as VDSM does. */
function rounded(rate: number): number {
  const nearest = Math.round(rate);
  return nearest - rate === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

const text = (n: number | undefined): string | undefined => (n === undefined ? n : String(n));
