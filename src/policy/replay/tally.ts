import type { GuestFigures } from '../decide/round/round.ts';
import type { RecordedDecision } from '../decide/lines/decided.ts';

/** What one policy does to one VM over a trace; sizes in KiB. */
export interface VmTally {
  readonly targets: number;
  readonly taken: number;
  readonly given: number;
  /** How often it turns from taking to giving, or back. */
  readonly turns: number;
  /** Where its targets have led, whatever the balloon of the recording did; absent while that is unknown. */
  readonly position?: number | undefined;
  /** The direction of the last change. */
  readonly direction: number;
}

const unmoved: VmTally = { targets: 0, taken: 0, given: 0, turns: 0, direction: 0 };

/** Returns the tally after a decision. */
export function tallied(
  before: VmTally = unmoved,
  { current }: GuestFigures,
  { target }: RecordedDecision,
): VmTally {
  const from = before.position ?? current;
  if (target === undefined) return { ...before, position: from };
  const change = target - (from ?? target);
  const direction = Math.sign(change) || before.direction;
  return {
    targets: before.targets + 1,
    taken: before.taken + Math.max(0, -change),
    given: before.given + Math.max(0, change),
    turns: before.turns + (direction * before.direction < 0 ? 1 : 0),
    position: target,
    direction,
  };
}
