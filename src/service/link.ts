import type { Logger } from 'pino';
import { type Clock, pause } from '../common/clock.ts';
import { messageOf } from '../common/messageOf.ts';
import { wallMilliseconds } from '../common/time.ts';
import { Milliseconds } from '../common/units.ts';
import { HypervisorError, type Hypervisor } from '../host/hypervisor.ts';

const FIRST_DELAY = 250;
const LONGEST_DELAY = 10_000;

export interface LinkOptions {
  readonly hypervisor: Hypervisor;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The connection to the hypervisor: makes it, however long that takes, and knows why there is none. */
export class Link {
  readonly #options: LinkOptions;
  readonly #stopListening: () => void;
  #problem = 'vmemd is connecting';
  #since: Milliseconds;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { hypervisor, clock, log } = options;
    this.#since = wallMilliseconds(clock);
    this.#stopListening = hypervisor.listen((event) => {
      if (event.kind === 'disconnected') {
        this.#problem = event.reason;
        this.#since = wallMilliseconds(clock);
      }
      if (event.kind === 'reconnected') log.info(`${hypervisor.description} answers again`);
    });
  }

  /** Why there is no connection; undefined if there is one. */
  get problem(): string | undefined {
    return this.#options.hypervisor.isConnected ? undefined : this.#problem;
  }

  /** When the connection was lost, or first wanted, in milliseconds since 1970; undefined if there is one. */
  get problemSince(): Milliseconds | undefined {
    return this.#options.hypervisor.isConnected ? undefined : this.#since;
  }

  /** Connects; tries again until it succeeds or `signal` aborts. Throws HypervisorError if the URI is at fault. */
  async open(signal: AbortSignal): Promise<void> {
    const { hypervisor, log } = this.#options;
    for (let failures = 0; !hypervisor.isConnected && !signal.aborted; failures++) {
      try {
        await hypervisor.open();
        if (failures > 0) log.info(`${hypervisor.description} answers`);
      } catch (error) {
        if (error instanceof HypervisorError && error.kind === 'invalid') throw error;
        await this.#failed(error, failures);
      }
    }
  }

  close(): void {
    this.#stopListening();
  }

  async #failed(error: unknown, failures: number): Promise<void> {
    const { hypervisor, clock, log } = this.#options;
    this.#problem = messageOf(error);
    const facts = { reason: this.#problem };
    if (failures === 0)
      log.warn(facts, `${hypervisor.description} does not answer; waiting for it`);
    else log.debug(facts, `${hypervisor.description} still does not answer`);
    await pause(clock, Milliseconds(Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** failures)));
  }
}
