import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import { isUnreachable } from '../../host/hypervisor.ts';
import { Milliseconds } from '../../common/units.ts';
import { causeOf } from '../logFailure.ts';

/**
 * `quick` compares all VMs with their domains, `thorough` also checks every statistics period, `unread` concerns only
 * domains that could not be read before.
 */
export type RoundKind = 'unread' | 'quick' | 'thorough';

const KINDS: readonly (RoundKind | undefined)[] = [undefined, 'unread', 'quick', 'thorough'];

export interface ResyncOptions {
  /** Returns whether the round need not be repeated. */
  readonly round: (kind: RoundKind) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The time before a round is repeated that failed or met events, as in VDSM (clientIF.py). */
const RETRY = Milliseconds(5000);
/** The time between regular rounds, which find lost events: VDSM's external_vm_lookup_interval. */
const INTERVAL = Milliseconds(60_000);

/** Runs rounds that compare VMs with domains: regularly, on request, and again until one succeeds. */
export class Resync {
  readonly #options: ResyncOptions;
  #cancel: Cancel = () => undefined;
  #isRunning = false;
  #isStopped = false;
  #isReported = false;
  /** The kind of round requested to follow the present one. */
  #next: RoundKind | undefined;

  constructor(options: ResyncOptions) {
    this.#options = options;
  }

  /** Runs the first round; throws if it fails, and can then be called again. */
  async start(): Promise<void> {
    this.#isRunning = true;
    try {
      this.#schedule(await this.#options.round('thorough'));
    } finally {
      this.#isRunning = false;
    }
    if (this.#next) void this.#run();
  }

  /** Runs a round now, or after the present one. */
  request(kind: RoundKind): void {
    if (KINDS.indexOf(kind) > KINDS.indexOf(this.#next)) this.#next = kind;
    if (!this.#isRunning) void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#next && !this.#isStopped) {
      const kind = this.#next;
      this.#next = undefined;
      const isThrough = await this.#attempt(kind);
      // A round about few domains does not put off the next one about all.
      if (kind !== 'unread' || !isThrough) this.#schedule(isThrough);
    }
    this.#isRunning = false;
  }

  #schedule(isThrough: boolean): void {
    this.#cancel();
    if (this.#isStopped) return;
    this.#cancel = this.#options.clock.after(isThrough ? INTERVAL : RETRY, () => {
      this.request(isThrough ? 'quick' : 'thorough');
    });
  }

  async #attempt(kind: RoundKind): Promise<boolean> {
    const { log, round } = this.#options;
    try {
      const isThrough = await round(kind);
      if (this.#isReported) log.info('the domains are listed again');
      this.#isReported = false;
      return isThrough;
    } catch (error) {
      const isNews = !this.#isReported && !isUnreachable(error);
      log[isNews ? 'warn' : 'debug'](
        causeOf(error),
        'the domains could not be listed; trying again',
      );
      this.#isReported ||= isNews;
      return false;
    }
  }
}
