import type { Milliseconds } from '../../common/units.ts';
import type { PolicyParameters } from '../decide/decide.ts';
import { parametersOf } from '../decide/lines/settings.ts';
import type { Mode } from './round.ts';

export type Algorithm = PolicyParameters['algorithm'];

/** What the configuration says. */
export interface Configured {
  readonly mode: Mode;
  /** The algorithm, and those of its settings that differ from the defaults. */
  readonly parameters: PolicyParameters;
}

/** Page sharing as the engine wants it where no MoM is configured; absent while it has not said. */
export interface KsmWish {
  readonly ksmEnabled?: boolean;
  readonly ksmMergeAcrossNodes?: boolean;
}

/** How the policy runs, and since when. */
export interface PolicySettings extends Configured {
  readonly algorithm: Algorithm;
  /** When a client set this, in milliseconds since 1970; absent if it is the configuration. */
  readonly since?: Milliseconds;
  /** `engine`: by Host.setMOMPolicyParameters. */
  readonly by: 'configuration' | 'client' | 'engine';
  readonly ksm: KsmWish;
}

/** What a client changes; what is absent stays as it is. */
export interface PolicyChange {
  readonly mode?: Mode | undefined;
  readonly algorithm?: Algorithm | undefined;
  /** By the names of vmemd decide; null stands for the default. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/** Returns the settings of a start without any change by clients. */
export const settingsOf = (configured: Configured): PolicySettings => ({
  ...configured,
  algorithm: configured.parameters.algorithm,
  by: 'configuration',
  ksm: {},
});

/**
 * Returns the settings after a client's change at `since`. An algorithm that is taken up again begins with the
 * configured parameters, if it is the configured one. Throws LineError for an unknown or invalid parameter.
 */
export function changed(
  before: PolicySettings,
  change: PolicyChange,
  configured: Configured,
  since: Milliseconds,
): PolicySettings {
  if (Object.values(change).every((value) => value === undefined)) return before;
  const { mode = before.mode, algorithm = before.algorithm, parameters = {} } = change;
  const isSame = algorithm === before.algorithm;
  const base = isSame ? before.parameters : configured.parameters;
  const after = parametersOf(base, algorithm, parameters);
  return { ...before, mode, algorithm, parameters: after, since, by: 'client' };
}

/** What the engine sets on a host without MoM. */
export type EngineWish = KsmWish & { readonly balloonEnabled?: boolean };

/**
 * Returns the settings after a wish of the engine, which turns the policy off, or on: where an administrator has chosen
 * to observe first, it does not act.
 */
export function wishedByEngine(
  before: PolicySettings,
  { balloonEnabled, ...ksm }: EngineWish,
  configured: Configured,
  since: Milliseconds,
): PolicySettings {
  const after = { ...before, ksm: { ...before.ksm, ...ksm } };
  if (balloonEnabled === undefined) return after;
  const on = configured.mode === 'observe' ? 'observe' : 'act';
  const mode =
    !balloonEnabled ? 'off'
    : before.mode === 'off' ? on
    : before.mode;
  return mode === before.mode ? after : { ...after, mode, since, by: 'engine' };
}
