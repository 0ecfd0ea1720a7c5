import { decide, type PolicyMemory } from '../decide/decide.ts';
import type { Decided, RecordedDecision } from '../decide/lines/decided.ts';
import type { Fields } from '../decide/lines/names.ts';
import { parametersAfter } from '../decide/lines/parameters.ts';
import { withoutUnsent } from '../decide/unsent.ts';
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
  #inForce: string | undefined;

  /** Throws `LineError` if the changes are not parameters of this algorithm. */
  constructor(algorithm: 'mom' | 'adaptive', changes: Fields) {
    parametersAfter({ algorithm }, changes);
    this.#algorithm = algorithm;
    this.#changes = changes;
    const changed = Object.entries(changes).map(([name, value]) => `${name}=${String(value)}`);
    this.title = [algorithm, ...changed].join(' ');
  }

  decide(round: TraceRound): readonly RecordedDecision[] {
    const { host, guests, decided, inForce } = round;
    if (this.#beganAnew(round)) this.#memory = {};
    const algorithm = this.#algorithm;
    const before = inForce.algorithm === algorithm ? inForce : { algorithm };
    const parameters = parametersAfter(before, this.#changes);
    const { decisions, memory } = decide(host, guests, parameters, this.#memory);
    this.#memory = decided ? sentAsIn(decided, decisions, memory, this.#memory) : memory;
    return decisions;
  }

  /** Whether the loop that was recorded remembered nothing in this round. */
  #beganAnew({ decided, inForce }: TraceRound): boolean {
    const isTakenUp = inForce.algorithm !== this.#inForce && inForce.algorithm === this.#algorithm;
    this.#inForce = inForce.algorithm;
    return decided?.round === 1 || isTakenUp;
  }
}

/** In a recording only those targets were sent that were decided then as now; for no other balloon is it waited. */
function sentAsIn(
  decided: Decided,
  decisions: readonly RecordedDecision[],
  after: PolicyMemory,
  before: PolicyMemory,
): PolicyMemory {
  const targets = new Map(decisions.map(({ name, target }) => [name, target]));
  const sent = decided.isActing ? decided.decisions : [];
  const same = sent.filter(
    ({ name, target }) => target !== undefined && targets.get(name) === target,
  );
  const names = new Set(same.map(({ name }) => name));
  return withoutUnsent(after, before, (name) => names.has(name));
}
