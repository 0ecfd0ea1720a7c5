import { decide } from '../../../src/policy/decide/decide.ts';
import type { Decision } from '../../../src/policy/decide/round/round.ts';
import { type RecordedDecisions, recordedRound, type RecordedState } from './recorded.ts';

/** How many recorded rounds were decided as MoM did, and a line for each target that differs. */
export interface Replay {
  readonly same: number;
  readonly total: number;
  readonly differences: readonly string[];
  /** Rounds in which MoM's engine failed and sent nothing. */
  readonly notes: readonly string[];
}

/** Decides each recorded round again. Where MoM's engine failed, its decision is that failure; `mom` has to see it. */
export function replay(recorded: RecordedDecisions, algorithm: 'mom' | 'adaptive'): Replay {
  const rounds = recorded.states.map((state) => replayed(state, recorded.defaults, algorithm));
  return {
    same: rounds.filter(({ differences }) => differences.length === 0).length,
    total: rounds.length,
    differences: rounds.flatMap(({ differences }) => differences),
    notes: rounds.flatMap(({ note }) => note ?? []),
  };
}

function replayed(
  state: RecordedState,
  defaults: RecordedDecisions['defaults'],
  algorithm: 'mom' | 'adaptive',
): { readonly differences: readonly string[]; readonly note?: string } {
  const { host, guests, parameters, memory } = recordedRound(state, defaults);
  const settings = algorithm === 'mom' ? { algorithm, ...parameters } : { algorithm };
  const { decisions, momAborts } = decide(host, guests, settings, { mom: memory });
  const hasFailed = state.aborted !== null;
  if (!hasFailed && momAborts === undefined) {
    return { differences: differencesIn(state, decisions, algorithm) };
  }
  const note = `state ${String(state.id)}: MoM sent nothing, its script failed`;
  if (algorithm === 'adaptive')
    return { differences: differencesIn(state, decisions, algorithm), note };
  const known = momAborts === undefined ? note : `${note}, as ${momAborts}`;
  return { differences: hasFailed === (momAborts !== undefined) ? [] : [known], note: known };
}

const differencesIn = (
  { id, decision, unrounded }: RecordedState,
  decisions: readonly Decision[],
  algorithm: string,
): string[] =>
  decisions.flatMap(({ name, target, unrounded: exact, reason }) => {
    const isExact = algorithm !== 'mom' || exact === unrounded[name];
    if (target === decision[name] && isExact) return [];
    const bound = reason.bound === undefined ? '' : `, ${reason.bound}`;
    return [
      `state ${String(id)}, ${name}: MoM ${sizeText(decision[name])}, ${algorithm} ${sizeText(target)} (${reason.rule}${bound})`,
    ];
  });

const sizeText = (size: number | undefined): string =>
  size === undefined ? 'leaves it' : `${String(size)} KiB`;
