import { KiB, type Milliseconds } from '../common/units.ts';
import type { Bound } from './balloon.ts';

/** Who set a balloon target: `outside` is another program or the guest itself, `start` how the domain started. */
export type Author = 'client' | 'policy' | 'outside' | 'start';

/** How a balloon target came about. */
export interface BalloonStory {
  readonly by: Author;
  /** When the target was set, in milliseconds since 1970; absent if unknown. */
  readonly since?: Milliseconds;
  /** The size as it was asked for. */
  readonly wished?: KiB;
  /** What limited the target; absent if nothing did. */
  readonly bound?: Bound;
  /** The sizes between which the balloon can have been when the target was set; carried over as the target is. */
  readonly least?: KiB;
  readonly most?: KiB;
  /** Present once a client has set a target, by which it wants the VM ballooned. */
  readonly isAskedFor?: true;
}

/** Returns the story when the memory has changed by so many KiB, and the target with it. */
export const carriedStory = (story: BalloonStory, change: number): BalloonStory => ({
  ...story,
  ...Object.fromEntries(
    SIZES.flatMap((name) => {
      const size = story[name];
      return size === undefined ? [] : [[name, possible(size + change)]];
    }),
  ),
});

/** Another program may have written any size, but none is read back above this one. */
const possible = (size: number): KiB => KiB(Math.min(Math.max(0, size), Number.MAX_SAFE_INTEGER));

const SIZES = ['least', 'most'] as const;

/** Whether both tell of the same size that the same author asked for. */
export const isSameWish = (one: BalloonStory, other: BalloonStory): boolean =>
  one.by === other.by && one.wished === other.wished && one.bound === other.bound;
