import {
  decide,
  type PolicyMemory,
  type PolicyParameters,
} from '../../src/policy/decide/decide.ts';
import type { Contender, Targets } from './contender.ts';
import { OracleAllocator } from './oracle.ts';
import type { World } from './world.ts';

class Policy implements Contender {
  readonly interval: number;
  readonly #parameters: PolicyParameters;
  #memory: PolicyMemory = {};

  constructor(interval: number, parameters: PolicyParameters) {
    this.interval = interval;
    this.#parameters = parameters;
  }

  round(world: World): Targets {
    const figures = world.guests.map((guest) => guest.figures(world.time));
    const { decisions, memory } = decide(
      world.figures(),
      figures,
      this.#parameters,
      // What is remembered has to survive being written down.
      JSON.parse(JSON.stringify(this.#memory)) as PolicyMemory,
    );
    this.#memory = memory;
    return new Map(
      decisions.flatMap(({ name, target }) => (target === undefined ? [] : [[name, target]])),
    );
  }
}

/** Makes the contenders: MoM at VDSM's interval, ours at its own, and the allocator that knows the future. */
export const contenders = {
  mom: (): Contender => new Policy(15, { algorithm: 'mom' }),
  adaptive: (): Contender => new Policy(5, { algorithm: 'adaptive' }),
  oracle: (): Contender => new OracleAllocator(),
} satisfies Record<string, () => Contender>;

export type ContenderName = keyof typeof contenders;
