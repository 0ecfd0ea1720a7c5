import type { Logger } from 'pino';
import { type Clock, pause } from '../common/clock.ts';
import { messageOf } from '../common/messageOf.ts';
import { Milliseconds } from '../common/units.ts';
import type { Hypervisor } from '../host/hypervisor.ts';
import type { Registry } from '../vm/registry/registry.ts';
import type { Link } from './link.ts';

/** Delay before VMs that could not be read are read again, as in VDSM (clientIF.py). */
const RECOVERY_DELAY = Milliseconds(5000);

export interface ReadinessOptions {
  readonly hypervisor: Pick<Hypervisor, 'description'>;
  readonly link: Pick<Link, 'problem'>;
  readonly vms: Pick<Registry, 'start' | 'isReady'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Reads the VMs, however long that takes, and knows why requests cannot be served yet. */
export class Readiness {
  readonly #options: ReadinessOptions;
  #failure: string | undefined;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** Why the hypervisor or its VMs are out of reach now; undefined if they are not. */
  get problem(): string | undefined {
    const { hypervisor, link, vms } = this.#options;
    const { description } = hypervisor;
    if (link.problem !== undefined) return `${description} is out of reach: ${link.problem}`;
    if (vms.isReady) return undefined;
    if (this.#failure === undefined) return `the VMs of ${description} are being read; try again`;
    return `the VMs of ${description} cannot be read: ${this.#failure}`;
  }

  /** Why no verb can run; undefined once the VMs are known, also while the connection is lost. */
  get obstacle(): string | undefined {
    return this.#options.vms.isReady ? undefined : this.problem;
  }

  /** Reads the VMs; tries again until `signal` aborts, since libvirt may be restarting. */
  async readVms(signal: AbortSignal): Promise<void> {
    const { vms, clock, log } = this.#options;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await vms.start();
        return;
      } catch (error) {
        this.#failure = messageOf(error);
        const seconds = String(RECOVERY_DELAY / 1000);
        const text = `the VMs could not be read; trying again every ${seconds} s`;
        log[failures === 0 ? 'warn' : 'debug']({ reason: this.#failure }, text);
        await pause(clock, RECOVERY_DELAY);
      }
    }
  }
}
