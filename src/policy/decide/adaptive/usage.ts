import type { CheckedGuest, CheckedReport } from './checked.ts';
import type { GuestMemory, SeenReport } from './memory.ts';
import type { AdaptiveParameters } from './parameters.ts';

const PAGE = 4;
/** A balloon that moved less than this between two rounds, in KiB, counts as at rest. */
export const AT_REST = 1024;
/** How long one report of swapping keeps a guest among the starving, in seconds. */
const STARVING_TIME = 20;
/** What a guest that swaps in from unknown depths is thought to lack at first, and how fast that grows. */
const FIRST_LACK = 0.03;
const LACK_GROWTH = 1.5;
/** The part of a guest's memory by which its page cache is given back at each sign of refaults. */
const WARM_STEP = 0.02;

type Usage = Pick<
  GuestMemory,
  'report' | 'reserved' | 'used' | 'rise' | 'swapped' | 'lack' | 'starvingUntil' | 'warm'
>;

/**
 * Returns what the guest is thought to use, after its newest report. The estimate rises at once and falls slowly, as in
 * ESX, whose working set estimate is the larger of a fast and a slow average.
 */
export function usageAfter(
  guest: CheckedGuest,
  before: GuestMemory | undefined,
  now: number,
  parameters: AdaptiveParameters,
): Usage {
  const { report } = guest;
  if (!report || isSeen(report, before?.report)) return before ?? nothingKnown;
  return usageBy({ ...guest, report }, before, now, parameters);
}

/** A guest with a report that has not been seen before. */
type Reporting = CheckedGuest & { readonly report: CheckedReport };

function usageBy(
  guest: Reporting,
  before: GuestMemory | undefined,
  now: number,
  parameters: AdaptiveParameters,
): Usage {
  const { report } = guest;
  const seen = seenReport(report, now);
  const last = before?.report ?? seen;
  const known = hasRebooted(report, last) ? undefined : before;
  const elapsed = Math.max(1, seen.seenAt - last.seenAt);
  const reserved = reservedBy(guest, report, before);
  const usedNow = usedIn(guest, report, reserved, before);
  const used = falling(known?.used, usedNow, elapsed / parameters.fallTime);
  const faults = faultsSince(report, known?.report, elapsed);
  const isSwapping = faults.swapRate >= parameters.swapRate;
  const { swapped, lack, starvingUntil } = swapping(
    guest,
    faults,
    known,
    isSwapping ? now : undefined,
  );
  return {
    report: seen,
    reserved,
    used,
    rise: Math.max(0, usedNow - (known?.used ?? usedNow)),
    swapped,
    lack,
    starvingUntil,
    warm: Math.max(
      falling(known?.warm, 0, elapsed / parameters.warmTime),
      faults.refaultRate < parameters.refaultRate ?
        0
      : warmCache(guest, faults.refaultRate * elapsed, used),
    ),
  };
}

const nothingKnown: Usage = {
  report: undefined,
  reserved: 0,
  used: undefined,
  rise: 0,
  swapped: 0,
  lack: 0,
  starvingUntil: undefined,
  warm: 0,
};

const isSeen = ({ at }: CheckedReport, seen: SeenReport | undefined): boolean =>
  at !== undefined && at === seen?.at;

/** Whether counters have begun again. */
const hasRebooted = (report: CheckedReport, last: SeenReport): boolean =>
  increase(report.swapIn, last.swapIn) < 0 ||
  increase(report.swapOut, last.swapOut) < 0 ||
  increase(report.majorFaults, last.majorFaults) < 0;

const seenReport = (
  { at, swapIn, swapOut, majorFaults }: CheckedReport,
  now: number,
): SeenReport => ({
  at,
  // A report that was old already when it was first seen ages from its own time.
  seenAt: Math.min(at ?? now, now),
  swapIn,
  swapOut,
  majorFaults,
});

/**
 * Memory outside the guest's total: the kernel's, and DIMMs not yet online. Seen while the balloon rests, as the total
 * of a report is older than the balloon's size.
 */
function reservedBy(
  { current }: CheckedGuest,
  { available }: CheckedReport,
  before: GuestMemory | undefined,
): number {
  const isResting = before === undefined || Math.abs(before.current - current) <= AT_REST;
  if (available === undefined || available > current || !isResting) return before?.reserved ?? 0;
  return current - available;
}

/**
 * What the guest cannot do without. Both terms of the first form are of one moment; a guest that counts the balloon as
 * its own (deflate-on-oom) leaves only the second.
 */
function usedIn(
  { current, memory }: CheckedGuest,
  { available, free }: CheckedReport,
  reserved: number,
  before: GuestMemory | undefined,
): number {
  const used =
    available !== undefined && available <= current + AT_REST ?
      available - free + reserved
    : Math.min(current, before?.current ?? current) - free;
  return Math.min(memory, Math.max(0, used));
}

/** What happened since the last report: KiB swapped in and out, and KiB of page cache read again per second. */
interface Faults {
  readonly swapIn: number;
  readonly swapOut: number;
  readonly swapRate: number;
  readonly refaultRate: number;
}

function faultsSince(report: CheckedReport, seen: SeenReport | undefined, elapsed: number): Faults {
  const swapIn = increase(report.swapIn, seen?.swapIn);
  const swapOut = increase(report.swapOut, seen?.swapOut);
  // Each page that is swapped in is a major fault too.
  const refaulted = increase(report.majorFaults, seen?.majorFaults) * PAGE - swapIn;
  return {
    swapIn,
    swapOut,
    swapRate: swapIn / elapsed,
    refaultRate: Math.max(0, refaulted) / elapsed,
  };
}

/** How much a counter has risen; 0 if that is not known. */
const increase = (now: number | undefined, before: number | undefined): number =>
  now === undefined || before === undefined ? 0 : now - before;

/** What the guest has in swap and lacks; `now` is given if it swaps in. */
function swapping(
  { memory, report }: Reporting,
  faults: Faults,
  known: GuestMemory | undefined,
  now: number | undefined,
): Pick<Usage, 'swapped' | 'lack' | 'starvingUntil'> {
  const before = (known?.swapped ?? 0) + faults.swapOut - faults.swapIn;
  const swapped = Math.min(memory, Math.max(0, before));
  if (now === undefined) return { swapped, lack: 0, starvingUntil: known?.starvingUntil };
  // One that has room again takes back what it had swapped, and lacks nothing more.
  const isFull = report.free < memory * FIRST_LACK;
  const lack = Math.max((known?.lack ?? 0) * LACK_GROWTH, memory * FIRST_LACK);
  return {
    swapped,
    lack: isFull ? Math.min(memory, lack) : 0,
    starvingUntil: now + STARVING_TIME,
  };
}

/**
 * Page cache that the guest turned out to need: all that it has left, and some more, at each report of refaults. It
 * then counts less and less, so that it is tried again, as Senpai does.
 */
function warmCache(
  { current, memory, report }: Reporting,
  refaulted: number,
  used: number,
): number {
  if (current >= memory) return 0;
  return Math.min(memory - used, report.caches + Math.max(memory * WARM_STEP, refaulted));
}

/** Rises at once, and falls by two thirds of the way in one unit of time. */
const falling = (before: number | undefined, now: number, time: number): number =>
  before === undefined || now >= before ? now : now + (before - now) * Math.exp(-time);
