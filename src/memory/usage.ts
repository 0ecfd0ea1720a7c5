import { KiB } from '../common/units.ts';

/** The figures that usage is computed from, in KiB; unknown ones are absent. */
export interface Figures {
  /** What the balloon leaves. */
  readonly current?: KiB;
  /** What the balloon held when the guest reported its figures; if absent, what it holds now is used. */
  readonly heldAtReport?: KiB;
  /** The total memory by the guest's kernel. */
  readonly available?: KiB;
  readonly unused?: KiB;
  /** Unused memory plus memory that the guest could free without swapping. */
  readonly usable?: KiB;
  readonly rss?: KiB;
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
  const held = figures.heldAtReport ?? balloonHeld ?? KiB(0);
  const counted = countsBalloon(memory, autodeflate, { available, held }) ? held : 0;
  return { ...known, used: KiB(Math.min(memory, Math.max(0, available - free - counted))) };
}

/** Returns whether the guest's total includes what the balloon holds. */
const countsBalloon = (
  memory: KiB,
  autodeflate: boolean,
  { available, held }: { readonly available: KiB; readonly held: KiB },
): boolean =>
  available > memory - held || (autodeflate && memory - available <= mostReserved(memory));

/** Returns the most that a kernel reserves, in KiB; a total below that excludes what the balloon holds. */
const mostReserved = (memory: KiB): KiB => KiB(memory / 8 + 64 * 1024);

/** What a balloon holds that leaves `current` of `memory`. */
export const heldOf = (memory: KiB, current: KiB): KiB => KiB(Math.max(0, memory - current));

const whyNot = ({ available }: Figures): string =>
  available === undefined ?
    'the guest does not report its memory: it has no balloon driver, or the driver sends no statistics'
  : 'the guest reports neither usable nor unused memory';
