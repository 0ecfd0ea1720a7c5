import type { Context } from '../../src/api/context.ts';
import { startServer } from '../support/server.ts';
import { World } from '../support/world.ts';
import type { WorldOptions } from '../support/worldOptions.ts';
import { type Ran, type RunOptions, vmemctl } from './vmemctl.ts';

/** Real milliseconds after which the simulated time goes on by a second. */
const TICK_MS = 10;

/** A daemon on a simulated host that vmemctl reaches over its port. */
export interface Simulated {
  readonly world: World;
  readonly address: string;
  /** Runs vmemctl on this host; time goes on meanwhile, a second for each {@link TICK_MS}. */
  readonly run: (argv: readonly string[], options?: RunOptions) => Promise<Ran>;
  readonly stop: () => Promise<void>;
}

export async function openSimulated(options: WorldOptions = {}): Promise<Simulated> {
  let publish: (name: string, params: object) => void = () => undefined;
  const world = await World.open({
    ...options,
    hear: ({ method, params }) => {
      publish(method, { notify_time: 0, ...params });
    },
  });
  const methods = Object.fromEntries(
    [...world.verbs.keys()].map((name) => [
      name,
      (params: object, { peer, flowId, signal }: Context) =>
        world.call(name, params, { peer, flowId, signal }),
    ]),
  );
  const server = await startServer(methods);
  publish = (name, params) => {
    server.events.publish(name, params);
  };
  const timed = pacer(world);
  const address = `ws://127.0.0.1:${String(server.port)}`;
  return {
    world,
    address,
    run: (argv, runOptions) => timed(vmemctl(['-a', address, ...argv], runOptions)),
    stop: async () => {
      await server.stop();
    },
  };
}

/** How often the daemon takes samples, in seconds. */
const SAMPLING_S = 5;

/** Returns a function that lets the world's time go on, with its samples, until work is done. */
function pacer(world: World): <T>(work: Promise<T>) => Promise<T> {
  // counted over all work: between two samples there is never more time than in the service
  let second = 0;
  return async (work) => {
    let isDone = false;
    const finished = work.finally(() => (isDone = true));
    finished.catch(() => undefined);
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      // Set by the callback above.
      if (isDone as boolean) return finished;
      second += 1;
      await world.seconds(1);
      if (second % SAMPLING_S === 0) await world.vms.sample();
    }
  };
}
