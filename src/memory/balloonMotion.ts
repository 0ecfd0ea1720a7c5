import { KiB, MiB, Milliseconds, toKiB } from '../common/units.ts';

/** What is known of a balloon; it is measured by what it holds, which plugs and unplugs do not change. */
export interface Seen {
  readonly held: KiB;
  /** What it should hold. */
  readonly wanted: KiB;
  /** When that was requested, on the clock, and what it can have held then at least and at most. */
  readonly setAt: Milliseconds;
  readonly least: KiB;
  readonly most: KiB;
  /** Whether the guest takes memory back from the balloon before it runs out of memory. */
  readonly autodeflate: boolean;
  /** Whether the guest starts, and its driver fills the balloon anew. */
  readonly isStarting: boolean;
}

/** How a balloon has moved since its target was set. */
export interface Motion {
  readonly held: KiB;
  readonly wanted: KiB;
  /** The range that it does not leave as long as it moves towards its target. */
  readonly least: KiB;
  readonly most: KiB;
  /** When it last moved or got its target, on the clock. */
  readonly movedAt: Milliseconds;
  /** Whether it has left that range: something else has moved it. */
  readonly isOutside: boolean;
}

/** How a balloon stands to its target. */
export type Moving = 'at-target' | 'on-its-way' | 'stuck' | 'moved-outside';

/** Balloons move by pages; a smaller difference is none. */
const TOLERANCE = toKiB(MiB(1));

/** Returns the motion after the balloon was seen at `now`; with another target it begins anew. */
export function follow(before: Motion | undefined, seen: Seen, now: Milliseconds): Motion {
  const { held, wanted, isStarting } = seen;
  const isSame = before?.wanted === wanted;
  const range = isSame ? before : seen;
  const motion = {
    held,
    wanted,
    movedAt: isSame && before.held === held ? before.movedAt : now,
    isOutside: false,
    least: KiB(Math.min(range.least, wanted)),
    most: KiB(Math.max(range.most, wanted)),
  };
  if (now - seen.setAt < TURNING) return motion;
  const least = isStarting ? 0 : motion.least;
  if (held < least - TOLERANCE || held > motion.most + TOLERANCE) {
    return { ...motion, isOutside: true };
  }
  if (isStarting) return motion;
  // A guest only takes memory back from the balloon by itself: it never fills it beyond what is wanted.
  const most = KiB(Math.max(held, wanted));
  return isSteady(seen) ?
      { ...motion, least: KiB(Math.min(held, wanted)), most }
    : { ...motion, most };
}

/** A balloon moves on for a moment after it got another target, and what it leaves is known a second late. */
const TURNING = Milliseconds(3000);

/** Whether the guest only moves the balloon towards its target: one that is short of memory empties it in between. */
const isSteady = ({ held, wanted, autodeflate }: Seen): boolean =>
  !autodeflate || isNear(held, wanted);

export const isNear = (held: KiB, wanted: KiB): boolean => Math.abs(held - wanted) <= TOLERANCE;

/** Returns how the balloon stands to its target at `now`; without a move for `patience` it is stuck. */
export function movingOf(motion: Motion, now: Milliseconds, patience: Milliseconds): Moving {
  if (motion.isOutside) return 'moved-outside';
  if (isNear(motion.held, motion.wanted)) return 'at-target';
  return now - motion.movedAt < patience ? 'on-its-way' : 'stuck';
}

/** Whether a size lies below another one by more than balloons are exact. */
export const isBelow = (size: KiB, least: KiB): boolean => size < least - TOLERANCE;
