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
  readonly allocated?: KiB;
  /** What the balloon holds. */
  readonly balloonHeld?: KiB;
  /** What the guest itself uses, without its caches if it reports them. */
  readonly used?: KiB;
  /** What QEMU occupies on the host. */
  readonly resident?: KiB;
  /** Why `used` is absent, as a text for users. */
  readonly reason?: string;
}

/** `used` is given only if it is certain to be within this part of the truth. */
const TOLERANCE = 0.1;

/**
 * Returns the parts of a guest's memory of `memory` KiB. A Linux guest with autodeflate counts what the balloon holds
 * as its own and as used, and so does any guest that counts more than the balloon leaves: `used` excludes it.
 */
export function usageOf(memory: KiB, autodeflate: boolean, figures: Figures): Usage {
  const { current, available, unused, usable, rss } = figures;
  const balloonHeld = current === undefined ? undefined : heldOf(memory, current);
  const known = {
    ...(current === undefined ? {} : { allocated: current }),
    ...(balloonHeld === undefined ? {} : { balloonHeld }),
    ...(rss === undefined ? {} : { resident: rss }),
  };
  const free = usable ?? unused;
  if (available === undefined || free === undefined) return { ...known, reason: whyNot(figures) };
  const { heldAtReport = { least: KiB(0), most: memory } } = figures;
  const counted = countedRange(memory, autodeflate, { available, held: heldAtReport });
  const used = (held: KiB): number => Math.min(memory, Math.max(0, available - free - held));
  const found = middle(used(counted.most), used(counted.least));
  if (found !== undefined) return { ...known, used: KiB(found) };
  return { ...known, reason: figures.heldAtReport ? MOVING : UNKNOWN };
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

const whyNot = ({ available }: Figures): string =>
  available === undefined ?
    'the guest does not report its memory: it has no balloon driver, or the driver sends no statistics'
  : 'the guest reports neither usable nor unused memory';
