import { KiB } from '../common/units.ts';

/** A guest's figures as far as usage is told from them, in KiB; what nobody told is absent. */
export interface Figures {
  /** What the balloon leaves. */
  readonly current?: KiB;
  /** What the balloon held when the guest told its figures; unless given, what it holds now. */
  readonly heldAtReport?: KiB;
  /** All that the guest's kernel counts as its memory. */
  readonly available?: KiB;
  readonly unused?: KiB;
  /** Unused and what the guest could free without swapping. */
  readonly usable?: KiB;
  readonly rss?: KiB;
}

/** Where a guest's memory is, each number of its own; what is not known is absent. */
export interface Usage {
  /** What the balloon leaves to the guest. */
  readonly allocated?: KiB;
  /** What the balloon holds. */
  readonly balloonHeld?: KiB;
  /** What the guest itself uses, without its caches where it tells them apart. */
  readonly used?: KiB;
  /** What QEMU occupies on the host. */
  readonly resident?: KiB;
  /** Why `used` is absent, for people. */
  readonly reason?: string;
}

/**
 * Where the memory of a guest is that has `memory` in all. A Linux guest with autodeflate goes on to count what the
 * balloon holds as its own and as used, and so does any guest that counts more than the balloon leaves: that is taken
 * off.
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

/** Whether a guest counts what the balloon holds as memory of its own. */
const countsBalloon = (
  memory: KiB,
  autodeflate: boolean,
  { available, held }: { readonly available: KiB; readonly held: KiB },
): boolean =>
  available > memory - held || (autodeflate && memory - available <= mostReserved(memory));

/** More than that no kernel keeps for itself: a guest that counts less leaves out what the balloon holds. */
const mostReserved = (memory: KiB): KiB => KiB(memory / 8 + 64 * 1024);

/** What a balloon holds that leaves `current` of `memory`. */
export const heldOf = (memory: KiB, current: KiB): KiB => KiB(Math.max(0, memory - current));

const whyNot = ({ available }: Figures): string =>
  available === undefined ?
    'the guest does not tell its memory: it has no balloon driver, or the driver reports no statistics'
  : 'the guest tells neither how much memory is usable nor how much is unused';
