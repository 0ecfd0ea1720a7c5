import { nearEnough } from '../../decide/adaptive/following.ts';
import { AT_REST } from '../../decide/adaptive/usage.ts';
import type { Giver } from './giver.ts';

/** What a guest has been asked to leave, and how its balloon follows; sizes in KiB, times in seconds. */
export interface Asked {
  readonly target: number;
  readonly at: number;
  /** What the balloon left when it was asked first. */
  readonly from: number;
  readonly lowest: number;
  /** When it was last seen to shrink the guest. */
  readonly movedAt: number;
}

/** How long balloons are waited for, in seconds. */
export interface Patience {
  /** After this time without progress a balloon is not counted on; as in squeezed, which takes 5 s. */
  readonly patience: number;
  /** After this one it is stuck: what it does not give cannot be had. */
  readonly stuckAfter: number;
}

export const patienceDefaults: Patience = { patience: 6, stuckAfter: 20 };

/** Returns what was asked of a guest of which `target` is asked now. */
export const askedAgain = (
  before: Asked | undefined,
  { current }: Giver,
  target: number,
  now: number,
): Asked =>
  before ?
    { ...before, target }
  : { target, at: now, from: current, lowest: current, movedAt: now };

export const askedAfter = (asked: Asked, { current }: Giver, now: number): Asked =>
  current < asked.lowest - AT_REST ? { ...asked, lowest: current, movedAt: now } : asked;

export const isThere = ({ target }: Asked, { current, memory }: Giver): boolean =>
  current - target <= nearEnough(memory);

/** How a balloon stands to what was asked; slow is not stuck. */
export type Following = 'there' | 'on-its-way' | 'standing' | 'stuck';

export function following(
  asked: Asked,
  giver: Giver,
  now: number,
  { patience, stuckAfter }: Patience,
): Following {
  if (isThere(asked, giver)) return 'there';
  const still = now - asked.movedAt;
  if (still >= stuckAfter) return 'stuck';
  return still >= patience ? 'standing' : 'on-its-way';
}

/** Returns how far the balloon will have shrunk the guest by `deadline`, as far as it has shown: 0 until it has. */
export function reachOf(
  asked: Asked | undefined,
  giver: Giver,
  { now, deadline }: { readonly now: number; readonly deadline: number },
  patience: Patience,
): number {
  if (!asked) return 0;
  const { current } = giver;
  const state = following(asked, giver, now, patience);
  if (state === 'there' || now - asked.at < patience.patience) return 0;
  if (state !== 'on-its-way') return current;
  const rate = Math.max(0, asked.from - current) / (now - asked.at);
  return current - rate * Math.max(0, deadline - now);
}
