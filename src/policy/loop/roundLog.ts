import type { Logger } from 'pino';
import { omitUndefined } from '../../common/omitUndefined.ts';
import type { Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import type { Decision } from '../decide/round/round.ts';
import type { PolicyRound } from './round.ts';

export interface RoundLogParts {
  readonly clock: Clock;
  /** Gets one line for each target, of which it may leave out some. */
  readonly log: Logger;
  /** Returns the name of a VM. */
  readonly nameOf: (id: string) => string | undefined;
}

/** How soon a line about other intentions follows one. */
const PAUSE = Milliseconds(60_000);
/** How many VMs such a line names. */
const MOST_NAMED = 20;

/** Logs what rounds do, or would do. */
export class RoundLog {
  readonly #parts: RoundLogParts;
  #intention = '';
  #loggedAt = Milliseconds(-Infinity);

  constructor(parts: RoundLogParts) {
    this.#parts = parts;
  }

  /** Logs each target that a round has sent; of one that only observed, what it would do, when that has changed. */
  write(round: PolicyRound): void {
    if (round.mode === 'act') this.#writeTargets(round);
    else this.#writeIntention(round);
  }

  #writeTargets(round: PolicyRound): void {
    const { log, nameOf } = this.#parts;
    this.#intention = '';
    for (const { name, target, reason } of round.decisions) {
      const asked = round.asked.get(name);
      if (target === undefined || !asked || asked.outcome === 'failed') continue;
      const { rule, bound, inputs } = reason;
      const facts = {
        event: 'policy_target',
        flow_id: `policy-${String(round.number)}`,
        vmId: name,
        vmName: nameOf(name),
        target_kib: target,
        current_kib: inputs.current,
        rule,
        bound,
        outcome: asked.outcome,
        reason: asked.reason,
      };
      log.info(omitUndefined(facts), 'the policy sets a balloon target');
      log.debug({ ...omitUndefined(facts), inputs }, 'why the policy sets that target');
    }
  }

  #writeIntention({ decisions }: PolicyRound): void {
    const { clock, log, nameOf } = this.#parts;
    const moves = decisions.flatMap((decision) => moveOf(decision) ?? []);
    const intention = moves.map(({ id, rule, change }) => `${id} ${rule} ${sign(change)}`).join();
    if (intention === this.#intention || clock.now() - this.#loggedAt < PAUSE) return;
    const isFirst = this.#intention === '' && moves.length === 0;
    this.#intention = intention;
    if (isFirst) return;
    this.#loggedAt = clock.now();
    const named = moves.slice(0, MOST_NAMED).map(({ id, target, rule }) => ({
      vmId: id,
      vmName: nameOf(id),
      target_kib: target,
      rule,
    }));
    const facts = {
      event: 'policy_would',
      would_free_kib: sum(moves.map(({ change }) => Math.max(0, -change))),
      would_give_kib: sum(moves.map(({ change }) => Math.max(0, change))),
      vms: named,
      more: Math.max(0, moves.length - MOST_NAMED) || undefined,
    };
    const text = moves.length === 0 ? 'would move no balloon' : 'would move balloons';
    log.info(omitUndefined(facts), `the policy ${text}; it only observes`);
  }
}

interface Move {
  readonly id: string;
  readonly target: number;
  readonly rule: string;
  /** How much more the balloon would leave; KiB. */
  readonly change: number;
}

const moveOf = ({ name: id, target, reason }: Decision): Move | undefined =>
  target === undefined ? undefined : (
    { id, target, rule: reason.rule, change: target - (reason.inputs.current ?? target) }
  );

const sign = (change: number): string => (change < 0 ? 'down' : 'up');

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
