import type { Asked, Following } from './asked.ts';
import { type Depth, freeableBy, type Giver, leastOf } from './giver.ts';

/** A guest that did not give what was asked of it; sizes in KiB. */
export interface Unyielding {
  readonly name: string;
  /** `stuck`: its balloon stands still; `slow`: it moves, and has not got there in time. */
  readonly reason: 'stuck' | 'slow';
  readonly asked: number;
  readonly current: number;
}

/** A guest that was not asked for more, and why. */
export interface Keeping {
  readonly name: string;
  /** `guarantee`, `used`, `untouched`, or why its balloon is not used. */
  readonly reason: string;
}

/** A claim that cannot be made; sizes in KiB. */
export interface Failure {
  readonly id: string;
  readonly missing: number;
  /** Whether its time is over; otherwise guests cannot give so much. */
  readonly isLate: boolean;
  /** What guests whose balloons follow could still give. */
  readonly possible: number;
  readonly unyielding: readonly Unyielding[];
  readonly keeping: readonly Keeping[];
}

interface Failed {
  readonly claim: { readonly id: string; readonly depth: Depth };
  readonly need: number;
  readonly possible: number;
  readonly isLate: boolean;
  readonly givers: readonly Giver[];
  readonly stateOf: (giver: Giver) => Following | undefined;
  readonly asked: ReadonlyMap<string, Asked>;
}

export function failureOf(failed: Failed): Failure {
  const { claim, need, possible, isLate, givers } = failed;
  const unyielding = givers.flatMap((giver) => unyieldingOf(giver, failed));
  const named = new Set(unyielding.map(({ name }) => name));
  const keeping = givers.flatMap((giver) =>
    named.has(giver.name) ? [] : keepingOf(giver, claim.depth),
  );
  return { id: claim.id, missing: need, isLate, possible, unyielding, keeping };
}

function unyieldingOf(giver: Giver, { stateOf, asked }: Failed): Unyielding[] {
  const { name, current } = giver;
  const given = asked.get(name);
  const state = stateOf(giver);
  if (!given || state === undefined || state === 'there') return [];
  const hasMoved = given.lowest < given.from;
  const isStuck = state !== 'on-its-way' || !hasMoved;
  return [{ name, reason: isStuck ? 'stuck' : 'slow', asked: given.target, current }];
}

function keepingOf(giver: Giver, depth: Depth): Keeping[] {
  const reason = whyKept(giver, depth);
  return reason === undefined ? [] : [{ name: giver.name, reason }];
}

/** Returns why a guest gives nothing; undefined if it can give something. */
export function whyKept(giver: Giver, depth: Depth): string | undefined {
  const { keeps, floor, current, occupied } = giver;
  if (keeps !== undefined && (depth === 'used' || occupied === 0)) return keeps;
  if (freeableBy(giver, depth) > 0) return undefined;
  const least = leastOf(giver, depth);
  if (current > least) return 'untouched';
  return least <= floor ? 'guarantee' : 'used';
}
