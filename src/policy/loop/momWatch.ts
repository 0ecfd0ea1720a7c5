import type { Logger } from 'pino';
import type { Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';

/** A connected client. */
export interface Client {
  readonly address: string;
  readonly transport?: string;
}

export interface MomWatchParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** The MoM whose socket is configured, if any. */
  readonly mom: { isActive(): Promise<boolean> };
}

/** What a connection has asked for. */
interface Seen {
  hasReadAll: boolean;
  readonly targets: Set<string>;
}

/** MoM asks for all statistics every 15 s; a MoM that has asked for nothing for so long is gone. */
const SILENCE = Milliseconds(60_000);

/**
 * Notices a MoM, beside which the policy must not act: one whose socket is configured and answers, or a client that
 * does as MoM does. MoM reads the statistics of all VMs and sets targets over one STOMP connection; over other protocols
 * a client counts as such if it does that for several VMs, as people set targets too.
 */
export class MomWatch {
  readonly #parts: MomWatchParts;
  readonly #clients = new WeakMap<Client, Seen>();
  #isActive = false;
  #seenAt = Milliseconds(-Infinity);
  #reported: string | undefined;

  constructor(parts: MomWatchParts) {
    this.#parts = parts;
  }

  /** Records that a client has read the statistics of all VMs. */
  sawStatistics(client: Client): void {
    const seen = this.#seen(client);
    seen.hasReadAll = true;
    this.#note(client, seen);
  }

  /** Records that a client sets a target; returns whether it does as MoM does. */
  sawTarget(client: Client, vmId: string): boolean {
    const seen = this.#seen(client);
    seen.targets.add(vmId);
    return this.#note(client, seen);
  }

  /** Asks the configured MoM whether it is there; never rejects. */
  async look(): Promise<void> {
    this.#isActive = await this.#parts.mom.isActive();
  }

  /** Returns why the policy must not act, as a text for users; undefined without a MoM. */
  get obstacle(): string | undefined {
    if (this.#isActive) return 'MoM answers at the socket of [mom], and sets targets itself';
    const silentFor = this.#parts.clock.now() - this.#seenAt;
    if (silentFor >= SILENCE) return undefined;
    return `a MoM is connected and sets targets; the policy acts again once it has been silent for ${String(SILENCE / 1000)} s`;
  }

  /** Logs once that a MoM holds the policy back, and once that it does no more. */
  report(): void {
    const { obstacle } = this;
    const { log } = this.#parts;
    if (obstacle === this.#reported) return;
    if (obstacle === undefined) log.info('MoM is gone: the policy acts again');
    else log.warn({ reason: obstacle }, 'a MoM is there: the policy observes, and does not act');
    this.#reported = obstacle;
  }

  #seen(client: Client): Seen {
    const seen = this.#clients.get(client) ?? { hasReadAll: false, targets: new Set<string>() };
    this.#clients.set(client, seen);
    return seen;
  }

  #note(client: Client, seen: Seen): boolean {
    const isMom = doesAsMom(client, seen);
    if (isMom) this.#seenAt = this.#parts.clock.now();
    return isMom;
  }
}

function doesAsMom({ transport }: Client, { hasReadAll, targets: { size } }: Seen): boolean {
  if (transport !== 'stomp') return hasReadAll && size > 1;
  return size > 1 || (hasReadAll && size > 0);
}
