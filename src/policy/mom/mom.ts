import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import type { MomClient } from './momClient.ts';
import { type MomParameters, parametersPolicy } from './momParameters.ts';

/** The policy that holds the parameters, as in VDSM ([mom] tuning_policy). */
const PARAMETERS_POLICY = '01-parameters';
/** MoM opens its own socket only after it has connected to vmemd. */
const SOCKET_DELAY = Milliseconds(2000);
/** Longer than {@link MomClient} waits after a failed call. */
const RETRY_DELAY = Milliseconds(6000);
const MAX_ATTEMPTS = 5;

export interface MomOptions {
  /** Absent if no MoM is configured. */
  readonly client?: MomClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** Parameters that clients set before this start of vmemd. */
  readonly parameters?: MomParameters;
  /** Saves the parameters for the next start; must not reject. */
  readonly keep?: (parameters: MomParameters) => Promise<void>;
}

/** The MoM beside vmemd, if any: stores its parameters and sends them again after it restarts. */
export class Mom {
  readonly #options: MomOptions;
  readonly #greeted = new WeakSet<object>();
  #parameters: MomParameters;
  #wasActive: boolean | undefined;
  #isRefusing = false;
  #dropRetry: Cancel = () => undefined;

  constructor(options: MomOptions) {
    this.#options = options;
    this.#parameters = options.parameters ?? {};
  }

  get isConfigured(): boolean {
    return this.#options.client !== undefined;
  }

  /** The parameters that clients have set. */
  get parameters(): MomParameters {
    return this.#parameters;
  }

  /** Whether MoM runs and answers. */
  async isActive(): Promise<boolean> {
    const { client } = this.#options;
    if (!client) return false;
    this.#wasActive = await client.isActive();
    return this.#wasActive;
  }

  /** The last result of {@link isActive}; undefined before the first call, and without a MoM. */
  get wasActive(): boolean | undefined {
    return this.#wasActive;
  }

  /** Sends MoM a policy; rejects if there is no MoM or it refuses the policy. */
  async setPolicy(policy: string): Promise<void> {
    const { client } = this.#options;
    if (!client) throw new Error('no MoM is configured; set socket_path in [mom]');
    await client.setPolicy(policy);
  }

  /**
   * Adds these parameters to earlier ones, saves them all for the next start, and then sends them to MoM. If MoM does
   * not accept them, retries a few times in the background, and again when MoM connects.
   */
  async setParameters(parameters: MomParameters): Promise<void> {
    this.#parameters = { ...this.#parameters, ...parameters };
    await this.#options.keep?.(this.#parameters);
    await this.#forward();
  }

  /** Sends the parameters to a MoM that may just have started, once per connection. */
  greet(peer: object): void {
    if (this.#greeted.has(peer)) return;
    this.#greeted.add(peer);
    if (!this.#options.client || Object.keys(this.#parameters).length === 0) return;
    this.#later(SOCKET_DELAY, MAX_ATTEMPTS);
  }

  #later(delay: Milliseconds, attempts: number): void {
    this.#dropRetry();
    this.#dropRetry = this.#options.clock.after(delay, () => void this.#forward(attempts));
  }

  async #forward(attempts = MAX_ATTEMPTS): Promise<void> {
    const { client, log } = this.#options;
    this.#dropRetry();
    try {
      await client?.setNamedPolicy(PARAMETERS_POLICY, parametersPolicy(this.#parameters));
      this.#isRefusing = false;
    } catch (error) {
      log[this.#isRefusing ? 'debug' : 'warn'](
        { err: error },
        'MoM did not accept its parameters; they are sent again when it connects',
      );
      this.#isRefusing = true;
      if (attempts > 1) this.#later(RETRY_DELAY, attempts - 1);
    }
  }
}
