import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import { causeOf } from '../logFailure.ts';

export interface ResyncOptions {
  /** Returns whether every VM agrees with its domain now; a thorough round also checks every statistics period. */
  readonly round: (isThorough: boolean) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The time before an incomplete round is repeated, as in VDSM (clientIF.py). */
const RETRY = Milliseconds(5000);
/** The time between regular rounds, which find lost events: VDSM's external_vm_lookup_interval. */
const INTERVAL = Milliseconds(60_000);

/** Runs rounds that compare VMs with domains: regularly, on request, and again until one succeeds. */
export class Resync {
  readonly #options: ResyncOptions;
  #cancel: Cancel = () => undefined;
  #isRunning = false;
  #isStopped = false;
  /** The kind of round requested to follow the present one. */
  #next: 'nothing' | 'quick' | 'thorough' = 'nothing';

  constructor(options: ResyncOptions) {
    this.#options = options;
  }

  /** Runs the first round; throws if it fails, and can then be called again. */
  async start(): Promise<void> {
    this.#isRunning = true;
    try {
      this.#schedule(await this.#options.round(true));
    } finally {
      this.#isRunning = false;
    }
    if (this.#next !== 'nothing') void this.#run();
  }

  /** Runs a round now, or after the present one. */
  request(isThorough: boolean): void {
    if (isThorough) this.#next = 'thorough';
    else if (this.#next === 'nothing') this.#next = 'quick';
    if (!this.#isRunning) void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    let isThrough = true;
    while (this.#next !== 'nothing' && !this.#isStopped) {
      const isThorough = this.#next === 'thorough';
      this.#next = 'nothing';
      isThrough = await this.#attempt(isThorough);
    }
    this.#isRunning = false;
    this.#schedule(isThrough);
  }

  #schedule(isThrough: boolean): void {
    this.#cancel();
    if (this.#isStopped) return;
    this.#cancel = this.#options.clock.after(isThrough ? INTERVAL : RETRY, () => {
      this.request(!isThrough);
    });
  }

  #attempt(isThorough: boolean): Promise<boolean> {
    return this.#options.round(isThorough).catch((error: unknown) => {
      this.#options.log.warn(causeOf(error), 'the domains could not be listed; trying again');
      return false;
    });
  }
}
