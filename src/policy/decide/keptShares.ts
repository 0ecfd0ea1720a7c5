import { adaptiveDefaults } from './adaptive/parameters.ts';
import type { PolicyParameters } from './decide.ts';
import { momDefaults } from './mom/parameters.ts';

/** Shares of the host's memory that a policy keeps available. */
export interface KeptShares {
  /** Below it guests give memory. */
  readonly goal: number;
  /** Guests grow into it only to their guarantees; MoM has none. */
  readonly reserve?: number;
}

/** Returns what a policy with these settings keeps available. */
export function keptShares(parameters: PolicyParameters): KeptShares {
  if (parameters.algorithm === 'mom') {
    return { goal: parameters.pressureThreshold ?? momDefaults.pressureThreshold };
  }
  const { goal, reserve } = { ...adaptiveDefaults, ...parameters };
  return { goal, reserve };
}
