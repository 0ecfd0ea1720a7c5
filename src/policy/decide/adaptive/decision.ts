import { KiB } from '../../../common/units.ts';
import type { Decision } from '../round/round.ts';
import type { Ask } from './ask.ts';
import type { Levelled } from './levels.ts';
import type { AdaptiveParameters } from './parameters.ts';

const PAGE = 4;

/** Returns the decision that an ask leads to: none if the balloon has been sent there already. */
export function decisionOf(
  levels: Levelled,
  { size, rule, bound, part }: Ask,
  { deadBand }: AdaptiveParameters,
): Decision {
  const { guest, memory, cap, floor, bare, need, keeps } = levels;
  const { name, current } = guest;
  const inputs = {
    current,
    floor,
    used: Math.round(memory.used ?? 0),
    bare: Math.round(bare),
    need: Math.round(need),
    memory: cap,
    part: Math.round(part),
    weight: guest.weight,
  };
  const limit = bound ?? (rule === 'rest' ? keeps : undefined);
  const reason = { rule, inputs, ...(limit !== undefined && { bound: limit }) };
  if (size === undefined) return { name, reason };
  const target = KiB(Math.min(cap, Math.max(guest.floor, Math.floor(size / PAGE) * PAGE)));
  const before = memory.asked?.target;
  const isSent =
    before !== undefined && (before === target || Math.abs(before - target) < (cap * deadBand) / 4);
  if (isSent) return { name, reason: { ...reason, bound: 'asked-already' } };
  return { name, target, unrounded: size, reason };
}
