import type { Logger } from 'pino';
import { messageOf } from '../../common/messageOf.ts';
import { wallMilliseconds } from '../../common/time.ts';
import type { Vm } from '../../vm/vm.ts';
import { decide, type PolicyMemory, type PolicyParameters } from '../decide/decide.ts';
import { withoutUnsent } from '../decide/unsent.ts';
import { type FiguresParts, readFigures } from './figures.ts';
import type { Moves } from './moves.ts';
import type { Asked, Cause, PolicyRound } from './round.ts';
import type { Sender } from './sender.ts';

export interface RoundsParts extends FiguresParts {
  readonly vms: { list(): readonly Vm[]; find(id: string): Vm | undefined };
  readonly hypervisor: { readonly isConnected: boolean };
  readonly log: Logger;
  readonly sender: Sender;
  readonly moves: Moves;
  readonly parameters: () => PolicyParameters;
  /** Whether targets may be sent at this moment. */
  readonly mayAct: () => boolean;
  /** Called with each round at its end. */
  readonly onRound: (round: PolicyRound) => void;
}

/** A round without what comes of it. */
interface Decided {
  readonly round: Omit<PolicyRound, 'mode' | 'asked'>;
  /** What the next round is to remember if all targets are sent. */
  readonly memory: PolicyMemory;
}

/** Decides on the figures of the moment and sends the targets, round after round. */
export class Rounds {
  readonly #parts: RoundsParts;
  #memory: PolicyMemory = {};
  #count = 0;
  /** Why the host's memory could not be read last time; undefined if it could. */
  #problem: string | undefined;

  constructor(parts: RoundsParts) {
    this.#parts = parts;
  }

  /** Holds one round; without a connection or the host's figures there is none. Never rejects for these. */
  async hold(cause: Cause): Promise<void> {
    const { hypervisor, moves, mayAct, onRound } = this.#parts;
    if (!hypervisor.isConnected) return;
    await moves.look([]);
    const before = this.#memory;
    const decided = await this.#tryToDecide(cause);
    if (!decided || this.#memory !== before) return;
    const { round, memory } = decided;
    this.#count = round.number;
    const mode = mayAct() ? 'act' : 'observe';
    const { asked, isSent } = mode === 'act' ? await this.#send(round) : nothing;
    if (this.#memory === before) this.#memory = withoutUnsent(memory, before, isSent);
    onRound({ ...round, mode, asked });
  }

  /** Decides on present figures; sends nothing, and the next round does not remember it. Throws HypervisorError. */
  async preview(): Promise<PolicyRound> {
    const { round } = await this.#decided('request');
    return { ...round, mode: 'observe', asked: nothing.asked };
  }

  /** Forgets what rounds have learnt; one that runs now sends nothing, unless it does already. */
  forget(): void {
    this.#memory = {};
  }

  async #tryToDecide(cause: Cause): Promise<Decided | undefined> {
    const { log } = this.#parts;
    try {
      const decided = await this.#decided(cause);
      if (this.#problem !== undefined) log.info('the memory of the host can be read again');
      this.#problem = undefined;
      return decided;
    } catch (error) {
      const reason = messageOf(error);
      const text = 'the policy holds no round: the memory of the host cannot be read';
      if (reason !== this.#problem) log.warn({ reason }, text);
      this.#problem = reason;
      return undefined;
    }
  }

  async #decided(cause: Cause): Promise<Decided> {
    const at = wallMilliseconds(this.#parts.clock);
    const parameters = this.#parts.parameters();
    const { host, guests } = await readFigures(this.#parts, parameters.algorithm);
    const { memory, ...outcome } = decide(host, guests, parameters, this.#memory);
    const number = this.#count + 1;
    return { round: { number, at, cause, parameters, host, guests, ...outcome }, memory };
  }

  /** Sends the targets, growth first. */
  async #send({ number, decisions, guests }: Decided['round']): Promise<Sent> {
    const { vms, sender, moves, mayAct, exemptionOf, hypervisor } = this.#parts;
    sender.keep(new Set(guests.map(({ name }) => name)));
    const wanted = decisions.flatMap(({ name, target }) => {
      const vm = vms.find(name);
      return vm && target !== undefined ? [{ vm, target }] : [];
    });
    const repeated = wanted.filter((each) => sender.isRepeated(each));
    const fresh = wanted
      .filter((each) => !repeated.includes(each))
      .toSorted((a, b) => growth(b) - growth(a));
    await moves.look(fresh.map(({ vm }) => vm.id));
    const sent = await sender.send(fresh, {
      flowId: `policy-${String(number)}`,
      obstacle: (vm) => (mayAct() ? exemptionOf(vm) : 'the policy does not act any more'),
    });
    const asked = new Map([...sent].flatMap((id) => pair(id, sender.asked.get(id))));
    const still = new Set(repeated.map(({ vm }) => vm.id));
    // What a lost connection has taken along is sent again.
    const isLost = (id: string): boolean =>
      !hypervisor.isConnected && asked.get(id)?.outcome === 'failed';
    return { asked, isSent: (id) => still.has(id) || (asked.has(id) && !isLost(id)) };
  }
}

/** What a round has sent, and whether a VM was asked for its target now or before. */
interface Sent {
  readonly asked: ReadonlyMap<string, Asked>;
  readonly isSent: (id: string) => boolean;
}

const nothing: Sent = { asked: new Map(), isSent: () => false };

const growth = ({ vm, target }: { readonly vm: Vm; readonly target: number }): number =>
  target - (vm.samples.newest?.current ?? target);

const pair = <T>(id: string, value: T | undefined): (readonly [string, T])[] =>
  value === undefined ? [] : [[id, value]];
