import { KiB } from '../../../common/units.ts';
import { adaptiveDefaults } from '../adaptive/parameters.ts';
import type { PolicyParameters } from '../decide.ts';
import { momDefaults } from '../mom/parameters.ts';
import type { Decision } from '../round/round.ts';
import { type Fields, fieldsOf, LineError, numberOf, snakeCase } from './names.ts';
import { knownParameters } from './parameters.ts';

/** What was decided when a round was recorded. */
export interface Decided {
  /** Which round of its loop it was; 1 remembered nothing. */
  readonly round: number;
  /** Whether targets were sent. */
  readonly isActing: boolean;
  readonly parameters: PolicyParameters;
  readonly decisions: readonly RecordedDecision[];
}

export type RecordedDecision = Pick<Decision, 'name' | 'target'> & {
  readonly reason: Pick<Decision['reason'], 'rule' | 'bound'>;
};

/** Returns all settings as lines name them, those with their default included. */
export function writtenSettings(parameters: PolicyParameters): Fields {
  const defaults = parameters.algorithm === 'mom' ? momDefaults : adaptiveDefaults;
  const all: Fields = { ...defaults, ...parameters };
  const names = Object.keys(defaults);
  return Object.fromEntries(names.map((name) => [snakeCase(name), all[name]]));
}

/** Returns the algorithm and all of its settings as lines name them. */
export const writtenParameters = (parameters: PolicyParameters): Fields => ({
  algorithm: parameters.algorithm,
  ...writtenSettings(parameters),
});

/** Returns a decision without its figures, which follow from the round. */
export const writtenDecision = ({ name, target, reason: { rule, bound } }: Decision): Fields => ({
  name,
  target,
  rule,
  bound,
});

/** Returns what a line says was decided; undefined if it does not say. Throws {@link LineError}. */
export function decidedOf(line: Fields): Decided | undefined {
  if (line.decided === undefined) return undefined;
  const decided = fieldsOf(line.decided, 'decided');
  const { decisions = [] } = decided;
  if (!Array.isArray(decisions)) throw new LineError('decided: decisions must be a list');
  return {
    round: numberOf(decided, 'round', 'decided') ?? NaN,
    isActing: decided.mode === 'act',
    parameters: knownParameters(fieldsOf(decided.parameters, 'decided: parameters')),
    decisions: decisions.map((one: unknown) => decisionOf(fieldsOf(one, 'decided: a decision'))),
  };
}

function decisionOf(one: Fields): RecordedDecision {
  const target = numberOf(one, 'target', 'decided');
  const bound = textOf(one, 'bound');
  return {
    name: textOf(one, 'name') ?? '',
    ...(target !== undefined && { target: KiB(target) }),
    reason: { rule: textOf(one, 'rule') ?? 'unknown', ...(bound !== undefined && { bound }) },
  };
}

function textOf(one: Fields, name: string): string | undefined {
  const value = one[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new LineError(`decided: ${name} must be text`);
}
