import type { Milliseconds } from '../../common/units.ts';
import type { PolicyParameters } from '../decide/decide.ts';
import type { Mode } from './round.ts';

export type Algorithm = PolicyParameters['algorithm'];

/** How the policy runs, and since when. */
export interface PolicySettings {
  readonly mode: Mode;
  readonly algorithm: Algorithm;
  /** The algorithm, and those of its settings that differ from the defaults. */
  readonly parameters: PolicyParameters;
  /** When a client set this, in milliseconds since 1970; absent if it is the configuration. */
  readonly since?: Milliseconds;
  readonly by: 'configuration' | 'client';
}

/** What a client changes; what is absent stays as it is. */
export interface PolicyChange {
  readonly mode?: Mode | undefined;
  readonly algorithm?: Algorithm | undefined;
  /** By the names of vmemd decide: snake case. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}
