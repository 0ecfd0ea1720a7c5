import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';

export interface ResyncOptions {
  /** Answers whether all is in line now; a thorough round looks into domains that seem to be in line, too. */
  readonly round: (isThorough: boolean) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How soon a round is repeated that was not through, as by VDSM (clientIF.py). */
const RETRY = Milliseconds(5000);
/** How often all is compared unasked, against events that were lost: VDSM's external_vm_lookup_interval. */
const INTERVAL = Milliseconds(60_000);

/** Compares what is known with what there is: now and then, when asked to, and again until that succeeds. */
export class Resync {
  readonly #options: ResyncOptions;
  #cancel: Cancel = () => undefined;
  #isRunning = false;
  #isStopped = false;
  /** What is asked for once the present round is through. */
  #next: 'nothing' | 'quick' | 'thorough' = 'nothing';

  constructor(options: ResyncOptions) {
    this.#options = options;
  }

  /** Runs the first round; rejects where it fails altogether, and may then be tried again. */
  async start(): Promise<void> {
    this.#isRunning = true;
    try {
      this.#schedule(await this.#options.round(true));
    } finally {
      this.#isRunning = false;
    }
    if (this.#next !== 'nothing') void this.#run();
  }

  /** Runs a round soon, after one that is under way. */
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
      this.#options.log.warn({ err: error }, 'the domains could not be listed; trying again');
      return false;
    });
  }
}
