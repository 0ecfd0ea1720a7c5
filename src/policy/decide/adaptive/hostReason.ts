import type { HostFigures, HostReason } from '../round/round.ts';
import type { Budget } from './budget.ts';
import type { AdaptiveParameters } from './parameters.ts';

/** Returns how the host stands, and what guests may have of it; unknown without a budget. */
export function hostReasonOf(
  { total, available, stall, time }: HostFigures,
  budget: Budget | undefined,
  parameters: AdaptiveParameters,
): HostReason {
  if (!budget || available === undefined) return { state: 'unknown', inputs: {} };
  const [goal, reserve] = [total * parameters.goal, total * parameters.reserve];
  const { pressure } = budget.memory;
  const calm = (pressure.calm ?? parameters.calm) - (time - (pressure.at ?? -Infinity));
  const sizes = {
    available,
    goal,
    reserve,
    guests: Math.max(0, budget.total),
    shortfall: budget.shortfall,
    forStarving: budget.forStarving,
    forNeed: budget.forNeed,
    forAll: budget.forAll,
  };
  return {
    state:
      available < reserve ? 'critical'
      : available < goal ? 'short'
      : budget.isShort ? 'stalled'
      : 'enough',
    inputs: {
      ...Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, Math.round(size)])),
      ...(stall !== undefined && { stallPercent: stall }),
      ...(calm > 0 && { growsInSeconds: Math.ceil(calm) }),
    },
  };
}
