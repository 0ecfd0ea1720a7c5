import { KiB } from '../common/units.ts';

/** Bounds of a size that is not known exactly, in KiB. */
export interface Range {
  readonly least: KiB;
  readonly most: KiB;
}

/** The figures that usage is computed from, in KiB; unknown ones are absent. */
export interface Figures {
  /** What the balloon leaves. */
  readonly current?: KiB | undefined;
  /** What the balloon may have held when the guest reported its figures. */
  readonly heldAtReport?: Range | undefined;
  /** The total memory by the guest's kernel. */
  readonly available?: KiB | undefined;
  readonly unused?: KiB | undefined;
  /** Unused memory plus memory that the guest could free without swapping. */
  readonly usable?: KiB | undefined;
  readonly rss?: KiB | undefined;
}

/** The parts of a guest's memory, in KiB; unknown ones are absent. */
export interface Usage {
  /** What the balloon leaves to the guest. */
  readonly allocated?: KiB | undefined;
  /** What the balloon holds. */
  readonly balloonHeld?: KiB | undefined;
  /** What the guest itself uses, without its caches if it reports them. */
  readonly used?: KiB | undefined;
  /** What QEMU occupies on the host. */
  readonly resident?: KiB | undefined;
  /** Why `used` is absent, as a text for users. */
  readonly reason?: string | undefined;
}

/** `used` is given only if it is certain to be within this part of the truth. */
const TOLERANCE = 0.1;

/**
 * Returns the parts of a guest's memory of `memory` KiB. A Linux guest with autodeflate counts what the balloon holds
 * as its own and as used, and so does any guest that counts more than the balloon leaves: `used` excludes it.
 */
export function usageOf(memory: KiB, autodeflate: boolean, figures: Figures): Usage {
  const { current, rss } = figures;
  const used = usedOf(memory, autodeflate, figures);
  return {
    allocated: current,
    balloonHeld: current === undefined ? undefined : heldOf(memory, current),
    resident: rss,
    used,
    reason: used === undefined ? whyNot(figures) : undefined,
  };
}

function usedOf(memory: KiB, autodeflate: boolean, figures: Figures): KiB | undefined {
  const { available, unused, usable, heldAtReport } = figures;
  const free = usable ?? unused;
  if (available === undefined || free === undefined) return undefined;
  const held = heldAtReport ?? { least: KiB(0), most: memory };
  const counted = countedRange(memory, autodeflate, { available, held });
  const used = (part: KiB): number => Math.min(memory, Math.max(0, available - free - part));
  const found = middle(used(counted.most), used(counted.least));
  return found === undefined ? undefined : KiB(found);
}

/** Returns the number nearest to both, in proportion, if it is within the tolerance of both. */
function middle(least: number, most: number): number | undefined {
  if (least === most) return least;
  return most - least > TOLERANCE * (most + least) ?
      undefined
    : Math.round((2 * least * most) / (least + most));
}

const MOVING =
  'the balloon is moving, so it is not known how much of it the guest counted as used; ask again when it stands still';
const UNKNOWN =
  "what the balloon held at the guest's last report is not known; the next one will do";

/** Returns how much of what the balloon holds the guest counts in its total. */
function countedRange(
  memory: KiB,
  autodeflate: boolean,
  { available, held }: { readonly available: KiB; readonly held: Range },
): Range {
  const isReserved = memory - available <= mostReserved(memory);
  if (available > memory - held.least || (autodeflate && isReserved)) return held;
  return { least: KiB(0), most: available > memory - held.most ? held.most : KiB(0) };
}

/** Returns the most that a kernel reserves, in KiB; a total below that excludes what the balloon holds. */
const mostReserved = (memory: KiB): KiB => KiB(memory / 8 + 64 * 1024);

/** What a balloon holds that leaves `current` of `memory`. */
export const heldOf = (memory: KiB, current: KiB): KiB => KiB(Math.max(0, memory - current));

function whyNot({ available, unused, usable, heldAtReport }: Figures): string {
  if (available === undefined) return NO_REPORT;
  if ((usable ?? unused) === undefined) return NO_FREE;
  return heldAtReport ? MOVING : UNKNOWN;
}

const NO_REPORT =
  'the guest does not report its memory: it has no balloon driver, or the driver sends no statistics';
const NO_FREE = 'the guest reports neither usable nor unused memory';
