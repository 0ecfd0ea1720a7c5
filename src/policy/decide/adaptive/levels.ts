import type { CheckedGuest } from './checked.ts';
import { isStuck, nearEnough } from './following.ts';
import type { GuestMemory } from './memory.ts';
import type { AdaptiveParameters } from './parameters.ts';
import { AT_REST } from './usage.ts';
import { divide, type Share } from './waterLevel.ts';

/** The share of its memory by which a guest's use rises rapidly, from one report to the next. */
const RAPID = 0.02;

/** A guest of this round: its figures, what is remembered of it, and its levels, each at least the one before. */
export interface Levelled {
  readonly guest: CheckedGuest;
  readonly memory: GuestMemory;
  /** Whether it swaps in. */
  readonly isStarving: boolean;
  /** Whether it starves or is about to. */
  readonly isUrgent: boolean;
  /** Why the guest cannot be asked for memory, if so. */
  readonly keeps: 'statistics-missing' | 'statistics-stale' | undefined;
  /** What it lacks and would use, as far as that is known. */
  readonly missing: number;
  /** What it uses or will use soon, without headroom and page cache. */
  readonly expected: number;
  /** The guarantee, or more if the guest cannot go so low soon. */
  readonly floor: number;
  /** What it uses, and a little more: it is never asked for this. */
  readonly bare: number;
  /** What it uses, what it lacks, and room for its next allocations and its needed page cache. */
  readonly need: number;
  readonly cap: number;
}

export function levelled(
  guest: CheckedGuest,
  memory: GuestMemory,
  now: number,
  parameters: AdaptiveParameters,
): Levelled {
  const { floor, memory: cap, current } = guest;
  const keeps = whyKept(guest, memory, now, parameters);
  if (keeps !== undefined || memory.used === undefined) {
    return unlevelled(guest, memory, keeps ?? 'statistics-missing');
  }
  const isStarving = (memory.starvingUntil ?? -Infinity) > now;
  const missing = isStarving ? Math.max(memory.swapped, memory.lack) : 0;
  const used = memory.used + missing;
  // What rises may rise as much again until the next round.
  const soon = Math.max(used, memory.used + memory.rise);
  const between = (low: number, wish: number): number => Math.min(cap, Math.max(low, wish));
  const least = between(floor, reachable(guest, memory, parameters));
  const bare = between(least, soon + Math.max(parameters.leastKept, soon * parameters.keep));
  const isUrgent = isStarving || (memory.rise > cap * RAPID && bare > current);
  const expected = isUrgent ? soon : used;
  const need = between(bare, expected * (1 + parameters.headroom) + memory.warm);
  return {
    guest,
    memory,
    isStarving,
    isUrgent,
    keeps,
    missing,
    expected,
    floor: least,
    bare,
    need,
    cap,
  };
}

/** A guest of which it is not known what it uses: it keeps what it has. */
function unlevelled(
  guest: CheckedGuest,
  memory: GuestMemory,
  keeps: NonNullable<Levelled['keeps']>,
): Levelled {
  const { floor, memory: cap, current } = guest;
  const kept = Math.min(cap, Math.max(floor, current));
  return {
    guest,
    memory,
    isStarving: false,
    isUrgent: false,
    keeps,
    missing: 0,
    expected: kept,
    floor: kept,
    bare: kept,
    need: kept,
    cap,
  };
}

/** How far a balloon that follows slowly will come soon: what it does not give is given by others. */
function reachable(
  { current, memory: cap }: CheckedGuest,
  { asked, taken }: GuestMemory,
  { patience }: AdaptiveParameters,
): number {
  const isSlow = asked !== undefined && current - asked.target > nearEnough(cap);
  return isSlow ? current - Math.max(AT_REST, taken * patience) : 0;
}

function whyKept(
  { report }: CheckedGuest,
  memory: GuestMemory,
  now: number,
  { staleAfter }: AdaptiveParameters,
): Levelled['keeps'] {
  if (!report || !memory.report) return 'statistics-missing';
  return now - memory.report.seenAt > staleAfter ? 'statistics-stale' : undefined;
}

export const follows = ({ memory }: Levelled, now: number): boolean => !isStuck(memory, now);

/**
 * Returns each guest's part of `total`: first every floor, then what each uses, then what each needs, then the rest by
 * weight, up to the cap. Where a level cannot be reached by all, what guests use is divided max-min fairly, and what
 * lies above that in proportion to the weights.
 */
export function fairParts(guests: readonly Levelled[], total: number): number[] {
  const stages: readonly ((each: Levelled) => Stage)[] = [
    ({ floor, bare, guest }) => ({ from: 0, low: floor, high: bare, weight: guest.weight }),
    ({ bare, need, guest }) => ({ from: bare, low: 0, high: need - bare, weight: guest.weight }),
    ({ need, cap, guest }) => ({ from: need, low: 0, high: cap - need, weight: guest.weight }),
  ];
  for (const stage of stages) {
    const shares = guests.map(stage);
    const from = shares.reduce((sum, share) => sum + share.from, 0);
    const most = shares.reduce((sum, share) => sum + share.high, from);
    if (total < most) {
      return divide(shares, total - from).map((part, index) => part + (shares[index]?.from ?? 0));
    }
  }
  return guests.map(({ cap }) => cap);
}

/** What a guest may get at one stage, beyond what it has from the stages before. */
interface Stage extends Share {
  readonly from: number;
}
