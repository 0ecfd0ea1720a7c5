import { checked, type CheckedGuest } from '../../decide/adaptive/checked.ts';
import { levelled } from '../../decide/adaptive/levels.ts';
import type { GuestMemory } from '../../decide/adaptive/memory.ts';
import { observed } from '../../decide/adaptive/observe.ts';
import { adaptiveDefaults } from '../../decide/adaptive/parameters.ts';
import type { GuestFigures } from '../../decide/round/round.ts';

/** How far guests may be asked down: to what they use and a little more, or to their guarantee, where they may swap. */
export type Depth = 'used' | 'guaranteed';

/** A guest's figures, and why its balloon could not be asked, as a text for users; sizes in KiB. */
export type GiverFigures = GuestFigures & {
  readonly refuses?: string | undefined;
  /** What the guest certainly uses; absent while that is not known. */
  readonly uses?: number | undefined;
};

/** A guest as one that can give memory; sizes in KiB. */
export interface Giver {
  readonly name: string;
  readonly weight: number;
  readonly current: number;
  readonly memory: number;
  /** The part of `current` that the host has to hold: only this can be freed. */
  readonly occupied: number;
  readonly floor: number;
  /** What the guest uses; absent without fresh statistics. */
  readonly used?: number | undefined;
  /** What it uses, and a little more. */
  readonly bare: number;
  /** What it needs: with room for its next allocations and for page cache that it turned out to need. */
  readonly need: number;
  /** Why it is not asked at all, or not for what it may use. */
  readonly keeps?: string | undefined;
}

/** What earlier rounds have shown of each guest's use, by name. */
export type UsageMemory = ReadonlyMap<string, KnownUse>;

/** What the policy remembers of a guest, and what it certainly used when that was last known. */
interface KnownUse {
  readonly memory: GuestMemory;
  readonly uses: number | undefined;
}

interface Time {
  readonly now: number;
  readonly elapsed: number;
}

/** Returns a guest as a giver, and what is to be remembered of its use. */
export function giverOf(
  figures: GiverFigures,
  before: KnownUse | undefined,
  time: Time,
): { readonly giver: Giver; readonly known?: KnownUse } {
  const guest = checked(figures);
  if (typeof guest === 'string') return { giver: keeping(figures, guest) };
  const uses = figures.uses ?? before?.uses;
  const memory = observed(guest, before?.memory, time, adaptiveDefaults);
  const known = { memory, uses };
  return { known, giver: giverAt(guest, known, time.now, figures.refuses) };
}

function giverAt(
  guest: CheckedGuest,
  { memory, uses }: KnownUse,
  now: number,
  refuses: string | undefined,
): Giver {
  const level = levelled(guest, memory, now, adaptiveDefaults);
  const { keeps, cap, isStarving } = level;
  const isKnown = uses !== undefined && keeps === undefined && !isStarving;
  const { bare, need } = isKnown ? levelsFor(uses, guest, memory.warm) : level;
  const { name, weight, current, floor, resident = current } = guest;
  const used = uses ?? memory.used;
  const why = refuses ?? keeps;
  return {
    name,
    weight,
    current,
    memory: cap,
    occupied: refuses === undefined ? Math.min(current, resident) : 0,
    floor,
    bare,
    need,
    used: used === undefined || keeps !== undefined ? undefined : Math.round(used),
    keeps: why,
  };
}

/** The policy's levels for a guest that certainly uses so much. */
function levelsFor(uses: number, { floor, memory: cap }: CheckedGuest, warm: number) {
  const { keep, leastKept, headroom } = adaptiveDefaults;
  const between = (low: number, wish: number): number => Math.min(cap, Math.max(low, wish));
  const bare = between(floor, uses + Math.max(leastKept, uses * keep));
  return { bare, need: between(bare, uses * (1 + headroom) + warm) };
}

/** Returns a guest that gives nothing. */
function keeping({ name, current, memory }: GiverFigures, keeps: string): Giver {
  const size = current ?? 0;
  const all = { current: size, floor: size, bare: size, need: size, occupied: 0 };
  return { name, weight: 1, memory: memory ?? size, ...all, keeps };
}

/** Returns the size below which this guest is not asked, in KiB. */
export const leastOf = ({ floor, bare }: Giver, depth: Depth): number =>
  depth === 'guaranteed' ? floor : bare;

/** Returns how much of the host this guest could free, in KiB. */
export const freeableBy = (giver: Giver, depth: Depth): number =>
  Math.max(0, giver.occupied - leastOf(giver, depth));
