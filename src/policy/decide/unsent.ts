import { omitUndefined } from '../../common/omitUndefined.ts';
import type { AdaptiveMemory, GuestMemory } from './adaptive/memory.ts';
import type { PolicyMemory } from './decide.ts';

/**
 * Returns the memory of a round of which only the targets of some guests were sent: of the others it must not be waited
 * for that their balloons follow. `before` is the memory that the round began with.
 */
export function withoutUnsent(
  after: PolicyMemory,
  before: PolicyMemory,
  isSent: (name: string) => boolean,
): PolicyMemory {
  const { adaptive } = after;
  if (!adaptive) return after;
  return { ...after, adaptive: adaptiveWithoutUnsent(adaptive, before.adaptive, isSent) };
}

function adaptiveWithoutUnsent(
  after: AdaptiveMemory,
  before: AdaptiveMemory | undefined,
  isSent: (name: string) => boolean,
): AdaptiveMemory {
  const all = Object.entries(after.guests);
  const guests = all.map(
    ([name, guest]) => [name, isSent(name) ? guest : (guest.unsent ?? guest)] as const,
  );
  const kept = all.map(([name, guest]) => (isSent(name) ? 0 : growthOf(guest)));
  const { at, calm, relievedAt } = after.pressure;
  // A round in which nothing was sent has relieved no guest.
  const isVoid = relievedAt === after.time && !all.some(([name]) => isSent(name));
  return {
    ...after,
    guests: Object.fromEntries(guests),
    freed: kept.reduce((sum, growth) => sum + growth, after.freed),
    ...(isVoid && {
      pressure: omitUndefined({ at, calm, relievedAt: before?.pressure.relievedAt }),
    }),
  };
}

/** By how much the target of this round would have made the guest grow. */
const growthOf = ({ unsent, asked, current }: GuestMemory): number =>
  unsent && asked ? Math.max(0, asked.target - current) : 0;
