import type { World } from './world.ts';

/** The targets that a policy sends in one round; KiB. */
export type Targets = ReadonlyMap<string, number>;

/** A policy in a closed loop. */
export interface Contender {
  /** Seconds between two rounds. */
  readonly interval: number;
  round(world: World): Targets;
}
