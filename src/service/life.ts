import type { Clock } from '../common/clock.ts';
import { Milliseconds, toMilliseconds } from '../common/units.ts';
import type { Config } from '../config/config.ts';
import type { Hypervisor } from '../host/hypervisor.ts';
import type { Registry } from '../vm/registry/registry.ts';
import type { Readiness } from './readiness.ts';

/** How many times as long as the longest round of sampling and the pause before it nothing may be heard of it. */
const PATIENCE = 3;

export interface LifeParts {
  readonly clock: Clock;
  readonly config: Pick<Config, 'sampling' | 'vars'>;
  readonly hypervisor: Pick<Hypervisor, 'description'>;
  readonly readiness: Pick<Readiness, 'problem'>;
  readonly vms: Pick<Registry, 'list'>;
}

/** What the service reports of itself to the program that supervises it. */
export class Life {
  readonly #parts: LifeParts;
  #sampledAt: Milliseconds | undefined;

  constructor(parts: LifeParts) {
    this.#parts = parts;
  }

  /** Notes that a round of sampling has ended. */
  sampled(): void {
    this.#sampledAt = this.#parts.clock.now();
  }

  /** Whether rounds of sampling still end; true until the first has ended. */
  get isAlive(): boolean {
    return this.#sampledAt === undefined || this.#parts.clock.now() - this.#sampledAt < this.#limit;
  }

  /** What the service does, or why it cannot, as a text for people. */
  get status(): string {
    const { hypervisor, readiness, vms } = this.#parts;
    if (readiness.problem !== undefined) return readiness.problem;
    const count = vms.list().length;
    return `serving ${String(count)} ${count === 1 ? 'VM' : 'VMs'} of ${hypervisor.description}`;
  }

  /** Each call to libvirt has a time limit, and so have rounds. */
  get #limit(): Milliseconds {
    const { sampling, vars } = this.#parts.config;
    const longest = toMilliseconds(sampling.interval) + toMilliseconds(vars.vm_command_timeout);
    return Milliseconds(PATIENCE * longest);
  }
}
