import { KiB } from '../../../common/units.ts';

/** What programs do with memory second by second: a finer model of a guest than a working set alone. */
export interface Workload {
  /** How fast programs come to use more memory; KiB per second. */
  readonly touchRate: KiB;
  /** Files that are read again and again, at random places. */
  readonly files: KiB;
  readonly readRate: KiB;
  /** How fast other data are read or written once: page cache that is not read again. */
  readonly streamRate: KiB;
  /** How fast programs use memory for a moment and free it again, so that the host has to provide it. */
  readonly churnRate: KiB;
  /** The part of the files that programs map, so that reading them again is a major fault. */
  readonly mapped: number;
  /** The most that the swap device moves in a second. */
  readonly swapRate: KiB;
}

export const quiet: Workload = {
  touchRate: KiB(256 * 1024),
  files: KiB(0),
  readRate: KiB(0),
  streamRate: KiB(0),
  churnRate: KiB(0),
  mapped: 0.5,
  swapRate: KiB(100 * 1024),
};

/** What a guest's memory holds; KiB. */
export interface Contents {
  /** Memory of programs, in RAM and in swap. */
  readonly used: number;
  readonly swapped: number;
  /** Page cache of the files that are read again, and of other data. */
  readonly cached: number;
  readonly streamed: number;
  /** How much of the files was ever read; reading more of them is no refault. */
  readonly readOnce: number;
  /** Memory for programs and page cache, and the part of it that the host provides: in use, or free again. */
  readonly room: number;
  readonly backed: number;
  /** Page cache read again after it was dropped, since boot. */
  readonly refaulted: number;
  /** Major faults since boot, in KiB. */
  readonly faulted: number;
}

export const empty: Contents = {
  used: 0,
  swapped: 0,
  cached: 0,
  streamed: 0,
  readOnce: 0,
  room: 0,
  backed: 0,
  refaulted: 0,
  faulted: 0,
};

/** Time after which a page of the working set is used again, in seconds. */
const REUSE = 60;

/** What decides a guest's contents in some second; KiB. */
interface Moment {
  /** What its programs use, and what it has swapped since boot. */
  readonly guest: {
    readonly workingSet: number;
    readonly swapIn: number;
    readonly swapOut: number;
  };
  readonly workload: Workload;
  readonly room: number;
  readonly swapSize: number;
}

/** Returns the guest's counters and contents one second later. */
export function afterSecond(
  contents: Contents,
  moment: Moment,
): { readonly swapIn: number; readonly swapOut: number; readonly contents: Contents } {
  const { guest, workload, room } = moment;
  const programs = programsAfter(contents, moment);
  const left = Math.max(0, room - (programs.used - programs.swapped));
  const cache = cacheAfter(contents, workload, left);
  const inUse = programs.used - programs.swapped + cache.cached + cache.streamed;
  return {
    swapIn: guest.swapIn + programs.swapIn,
    swapOut: guest.swapOut + programs.swapOut,
    contents: {
      ...cache,
      used: programs.used,
      swapped: programs.swapped,
      room,
      backed: Math.min(room, Math.max(inUse, backedBefore(contents, room) + workload.churnRate)),
      refaulted: contents.refaulted + cache.refaults,
      faulted: contents.faulted + programs.swapIn + cache.refaults * workload.mapped,
    },
  };
}

/** Page cache goes before anything is swapped; of what is in swap, a part is used and has to come back. */
function programsAfter(
  { used: before, swapped: inSwap }: Contents,
  { guest, workload, room, swapSize }: Moment,
) {
  const used = Math.min(guest.workingSet, before + workload.touchRate, room + swapSize);
  // What programs no longer use leaves swap unread.
  const stale = Math.min(inSwap, Math.max(0, before - used));
  const wanted = Math.min(workload.swapRate, (inSwap - stale) / REUSE);
  const least = Math.max(0, used - room);
  const swapped = Math.max(least, inSwap - stale - wanted);
  // What comes in while there is no room pushes as much out.
  const swapIn = Math.min(wanted, Math.max(0, inSwap - stale));
  return { used, swapped, swapIn, swapOut: Math.max(0, swapped - (inSwap - stale - swapIn)) };
}

function cacheAfter(
  { cached: before, streamed, readOnce }: Contents,
  { files, readRate, streamRate }: Workload,
  room: number,
) {
  const kept = Math.min(before, files, room);
  const missed = files === 0 ? 0 : Math.min(readRate, files) * (1 - kept / files);
  const first = Math.min(missed, Math.max(0, files - readOnce));
  const cached = Math.min(room, kept + missed);
  return {
    cached,
    streamed: Math.min(room - cached, streamed + streamRate),
    readOnce: Math.max(0, Math.min(files, readOnce + first)),
    refaults: missed - first,
  };
}

/** What was backed before, less what the balloon has taken of it: free pages, of which some were never touched. */
function backedBefore(before: Contents, room: number): number {
  const inUse = before.used - before.swapped + before.cached + before.streamed;
  const free = before.room - inUse;
  const taken = Math.max(0, before.room - room);
  const left = free <= 0 ? 0 : Math.max(0, 1 - taken / free);
  return inUse + Math.max(0, before.backed - inUse) * left;
}
