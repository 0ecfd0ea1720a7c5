import { KiB } from '../../../common/units.ts';
import type { Decision } from '../round/round.ts';
import type { Ask } from './ask.ts';
import type { Levelled } from './levels.ts';
import type { AdaptiveParameters } from './parameters.ts';

const PAGE = 4;

/** The figures behind a decision; without fresh statistics nothing is known of what the guest uses and needs. */
function inputsOf(levels: Levelled, part: number): Record<string, number> {
  const { guest, memory, cap, floor, bare, need, missing, expected, keeps } = levels;
  const { current, weight } = guest;
  if (keeps !== undefined || memory.used === undefined) {
    return { current, floor, memory: cap, part: Math.round(part), weight };
  }
  return {
    current,
    floor,
    memory: cap,
    part: Math.round(part),
    weight,
    used: Math.round(memory.used),
    free: Math.round(memory.free),
    missing: Math.round(missing),
    expected: Math.round(expected),
    warm: Math.round(memory.warm),
    bare: Math.round(bare),
    need: Math.round(need),
  };
}

/** Returns the decision that an ask leads to: none if the balloon has been sent there already. */
export function decisionOf(
  levels: Levelled,
  { size, rule, bound, part }: Ask,
  { deadBand }: AdaptiveParameters,
): Decision {
  const { guest, memory, cap } = levels;
  const { name } = guest;
  const inputs = inputsOf(levels, part);
  if (memory.asked) inputs['asked'] = memory.asked.target;
  const reason = bound === undefined ? { rule, inputs } : { rule, bound, inputs };
  if (size === undefined) return { name, reason };
  const target = KiB(Math.min(cap, Math.max(guest.floor, Math.floor(size / PAGE) * PAGE)));
  // The guarantee and all of the memory are reached, however little is missing.
  const isEnd = target === guest.floor || target === cap;
  const least = isEnd ? 1 : Math.max(1, (cap * deadBand) / 4);
  const isSent = memory.asked && Math.abs(memory.asked.target - target) < least;
  if (isSent) return { name, reason: { ...reason, bound: 'asked-already' } };
  return { name, target, unrounded: size, reason };
}
