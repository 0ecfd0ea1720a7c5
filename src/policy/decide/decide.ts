import { decideAdaptively } from './adaptive/adaptive.ts';
import { type AdaptiveMemory, emptyMemory } from './adaptive/memory.ts';
import { adaptiveDefaults, type AdaptiveParameters } from './adaptive/parameters.ts';
import { decideAsMom } from './mom/mom.ts';
import { momDefaults, type MomParameters } from './mom/parameters.ts';
import { emptyWindow, type MomMemory } from './mom/window.ts';
import type { GuestFigures, HostFigures, Outcome } from './round/round.ts';

/** The algorithm, and those of its settings that differ from the defaults. */
export type PolicyParameters =
  | ({ readonly algorithm: 'mom' } & Partial<MomParameters>)
  | ({ readonly algorithm: 'adaptive' } & Partial<AdaptiveParameters>);

/** What the rounds so far have left for the next one; plain data. Each algorithm keeps its own part. */
export interface PolicyMemory {
  readonly mom?: MomMemory;
  readonly adaptive?: AdaptiveMemory;
}

/**
 * Decides what the balloon of each guest is to leave. Depends on nothing but its arguments; pass the memory that the
 * last round returned, or `{}` at first.
 */
export function decide(
  host: HostFigures,
  guests: readonly GuestFigures[],
  parameters: PolicyParameters,
  memory: PolicyMemory,
): Outcome<PolicyMemory> {
  if (parameters.algorithm === 'mom') {
    const settings = { ...momDefaults, ...parameters };
    const outcome = decideAsMom(host, guests, settings, memory.mom ?? emptyWindow);
    return { ...outcome, memory: { ...memory, mom: outcome.memory } };
  }
  const settings = { ...adaptiveDefaults, ...parameters };
  const outcome = decideAdaptively(host, guests, settings, memory.adaptive ?? emptyMemory);
  return { ...outcome, memory: { ...memory, adaptive: outcome.memory } };
}
