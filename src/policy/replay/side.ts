import { decide, type PolicyMemory } from '../decide/decide.ts';
import type { RecordedDecision } from '../decide/lines/decided.ts';
import type { Fields } from '../decide/lines/names.ts';
import { parametersAfter } from '../decide/lines/parameters.ts';
import type { TraceRound } from './traceRound.ts';

/** One of two policies that are compared. */
export interface Side {
  readonly title: string;
  /** Returns its decisions; none if nothing is known of them. */
  decide(round: TraceRound): readonly RecordedDecision[];
}

/** What was decided when the trace was written. */
export const recorded: Side = {
  title: 'recorded',
  decide: ({ decided }) => decided?.decisions ?? [],
};

/**
 * Decides each round anew, with the parameters that were in force for this algorithm and those in `changes`, and
 * remembers from round to round what the loop would.
 */
export class Deciding implements Side {
  readonly title: string;
  readonly #algorithm: 'mom' | 'adaptive';
  readonly #changes: Fields;
  #memory: PolicyMemory = {};

  /** Throws `LineError` if the changes are not parameters of this algorithm. */
  constructor(algorithm: 'mom' | 'adaptive', changes: Fields) {
    parametersAfter({ algorithm }, changes);
    this.#algorithm = algorithm;
    this.#changes = changes;
    const changed = Object.entries(changes).map(([name, value]) => `${name}=${String(value)}`);
    this.title = [algorithm, ...changed].join(' ');
  }

  decide({ host, guests, decided, inForce }: TraceRound): readonly RecordedDecision[] {
    // The loop that was recorded began anew, and remembered nothing.
    if (decided?.round === 1) this.#memory = {};
    const algorithm = this.#algorithm;
    const before = inForce.algorithm === algorithm ? inForce : { algorithm };
    const parameters = parametersAfter(before, this.#changes);
    const { decisions, memory } = decide(host, guests, parameters, this.#memory);
    this.#memory = memory;
    return decisions;
  }
}
