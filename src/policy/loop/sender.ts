import type { Logger } from 'pino';
import type { Clock } from '../../common/clock.ts';
import { messageOf } from '../../common/messageOf.ts';
import { wallMilliseconds } from '../../common/time.ts';
import { type KiB, Milliseconds } from '../../common/units.ts';
import { type BalloonResult, setBalloonTarget } from '../../vm/actions/setBalloon.ts';
import type { Vm } from '../../vm/vm.ts';
import type { Asked } from './round.ts';

/** A target that a round has decided. */
export interface Wanted {
  readonly vm: Vm;
  readonly target: KiB;
}

export interface SendOptions {
  readonly flowId: string;
  /** Returns why a VM is not to be asked after all, as a text for users. */
  readonly obstacle: (vm: Vm) => string | undefined;
}

export interface SenderParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** How long a round waits for the answers to what it sends, at most. */
  readonly patience: Milliseconds;
}

/** How many calls of a round run at once, not counting slow ones: clients' own calls wait behind them. */
const AT_ONCE = 16;
/** How soon the same target is sent again to a balloon that has not followed it. */
const AGAIN = Milliseconds(60_000);

/** Sends targets, each VM's for itself: one that hangs delays no other. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #asked = new Map<string, Asked>();
  readonly #pending = new Map<string, Promise<void>>();
  readonly #failing = new Set<string>();
  #isStopped = false;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** What each VM was last asked for, by its id. */
  get asked(): ReadonlyMap<string, Asked> {
    return this.#asked;
  }

  /** Whether the VM has not answered yet. */
  isPending(id: string): boolean {
    return this.#pending.has(id);
  }

  /** Whether the same was asked of the VM a short time ago and is in force: sending it again would change nothing. */
  isRepeated({ vm, target }: Wanted): boolean {
    const last = this.#asked.get(vm.id);
    if (last?.target !== target || last.outcome !== 'applied') return false;
    const age = wallMilliseconds(this.#parts.clock) - last.at;
    return vm.balloonTarget === target && vm.story.by === 'policy' && Math.abs(age) < AGAIN;
  }

  /**
   * Sends the targets, and returns the ids of those VMs that were asked once they have answered, or have had time to. A
   * VM that has not answered yet is not asked again.
   */
  async send(wanted: readonly Wanted[], options: SendOptions): Promise<ReadonlySet<string>> {
    const sent = new Set<string>();
    const young = new Set<Promise<void>>();
    for (const each of wanted) {
      while (young.size >= AT_ONCE) await Promise.race(young);
      const { id } = each.vm;
      if (this.#isStopped || this.#pending.has(id)) continue;
      if (options.obstacle(each.vm) !== undefined) continue;
      sent.add(id);
      const call = this.#begin(each, options);
      const waited = this.#orPatience(call).finally(() => young.delete(waited));
      young.add(waited);
    }
    await Promise.all(young);
    return sent;
  }

  /** Sends nothing from now on; fulfils when what was sent is answered, or after the patience. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#orPatience(Promise.all(this.#pending.values()));
  }

  /** Forgets VMs that are not among these. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#asked.keys()) if (!ids.has(id)) this.#asked.delete(id);
    for (const id of this.#failing) if (!ids.has(id)) this.#failing.delete(id);
  }

  #begin(wanted: Wanted, options: SendOptions): Promise<void> {
    const { id } = wanted.vm;
    const call = this.#sendOne(wanted, options).finally(() => this.#pending.delete(id));
    this.#pending.set(id, call);
    return call;
  }

  /** Never rejects. */
  async #sendOne({ vm, target }: Wanted, { flowId, obstacle }: SendOptions): Promise<void> {
    const asked = { target, at: wallMilliseconds(this.#parts.clock) };
    this.#asked.set(vm.id, { ...asked, outcome: 'pending' });
    try {
      const result = await setBalloonTarget(vm, {
        wish: target,
        by: 'policy',
        flowId,
        obstacle: () => obstacle(vm),
      });
      this.#asked.set(vm.id, { ...asked, ...outcomeOf(result) });
      if (this.#failing.delete(vm.id)) {
        this.#parts.log.info({ vmId: vm.id }, 'a target of the policy could be set again');
      }
    } catch (error) {
      const reason = messageOf(error);
      this.#asked.set(vm.id, { ...asked, outcome: 'failed', reason });
      const level = this.#failing.has(vm.id) || !vm.isAlive ? 'debug' : 'warn';
      this.#failing.add(vm.id);
      this.#parts.log[level](
        { vmId: vm.id, target, reason, flow_id: flowId },
        'a target of the policy could not be set',
      );
    }
  }

  #orPatience(work: Promise<unknown>): Promise<void> {
    const { clock, patience } = this.#parts;
    return new Promise((resolve) => {
      const cancel = clock.after(patience, resolve);
      void work.then(() => {
        cancel();
        resolve();
      });
    });
  }
}

const outcomeOf = (result: BalloonResult): Pick<Asked, 'outcome' | 'reason'> => ({
  outcome: result.applied ? 'applied' : 'not-applied',
  ...(result.reason !== undefined && { reason: result.reason }),
});
