import type { Logger } from 'pino';
import type { Cancel, Clock } from '../common/clock.ts';
import { Milliseconds } from '../common/units.ts';
import type { MomClient } from './momClient.ts';
import { type MomParameters, parametersPolicy } from './momParameters.ts';

/** The policy that VDSM keeps parameters in ([mom] tuning_policy). */
const PARAMETERS_POLICY = '01-parameters';
/** MoM opens its own socket only after it has connected to us. */
const SETTLE = Milliseconds(2000);
/** Longer than a MoM that failed is left in peace. */
const RETRY = Milliseconds(6000);
const TRIES = 5;

export interface MomOptions {
  /** Absent where no MoM is configured. */
  readonly client?: MomClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** What clients have set before vmemd was started. */
  readonly parameters?: MomParameters;
  /** Keeps what clients set for the next start; must not reject. */
  readonly keep?: (parameters: MomParameters) => Promise<void>;
}

/** The MoM beside us, if any: remembers its parameters and gives them again to one that has restarted. */
export class Mom {
  readonly #options: MomOptions;
  readonly #greeted = new WeakSet<object>();
  #parameters: MomParameters;
  #wasActive: boolean | undefined;
  #dropRetry: Cancel = () => undefined;

  constructor(options: MomOptions) {
    this.#options = options;
    this.#parameters = options.parameters ?? {};
  }

  /** What clients have set so far. */
  get parameters(): MomParameters {
    return this.#parameters;
  }

  /** Whether a MoM runs beside us and answers. */
  async isActive(): Promise<boolean> {
    const { client } = this.#options;
    if (!client) return false;
    this.#wasActive = await client.isActive();
    return this.#wasActive;
  }

  /** Whether MoM answered when it was last asked by {@link isActive}; undefined before, and where there is none. */
  get wasActive(): boolean | undefined {
    return this.#wasActive;
  }

  /** Hands MoM a policy; rejects where there is no MoM or it does not take the policy. */
  async setPolicy(policy: string): Promise<void> {
    const { client } = this.#options;
    if (!client) throw new Error('no MoM is configured; set socket_path in [mom]');
    await client.setPolicy(policy);
  }

  /**
   * Remembers these parameters beside earlier ones, keeps all for the next start and hands them to MoM. One that does not take them is asked a few
   * times more behind the answer, and gets them when it connects.
   */
  async setParameters(parameters: MomParameters): Promise<void> {
    this.#parameters = { ...this.#parameters, ...parameters };
    await Promise.all([this.#options.keep?.(this.#parameters), this.#forward()]);
  }

  /** Hands the parameters to a MoM that may just have started, once for each connection that says hello. */
  greet(peer: object): void {
    if (this.#greeted.has(peer)) return;
    this.#greeted.add(peer);
    if (!this.#options.client || Object.keys(this.#parameters).length === 0) return;
    this.#later(SETTLE, TRIES);
  }

  #later(delay: Milliseconds, tries: number): void {
    this.#dropRetry();
    this.#dropRetry = this.#options.clock.after(delay, () => void this.#forward(tries));
  }

  async #forward(tries = TRIES): Promise<void> {
    const { client, log } = this.#options;
    this.#dropRetry();
    try {
      await client?.setNamedPolicy(PARAMETERS_POLICY, parametersPolicy(this.#parameters));
    } catch (error) {
      log.warn({ err: error }, 'MoM did not take its parameters; it gets them when it connects');
      if (tries > 1) this.#later(RETRY, tries - 1);
    }
  }
}
