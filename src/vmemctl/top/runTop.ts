import { failureOf } from '../failure.ts';
import { lookOfData } from '../people.ts';
import type { Host, Session } from '../session.ts';
import { frame, roomFor, type Screen } from './frame.ts';
import { FullScreen } from './fullScreen.ts';
import {
  firstState,
  type HostState,
  merged,
  pressed,
  rowsOf,
  type Sort,
  type TopState,
} from './state.ts';

export interface TopOptions {
  readonly sort: Sort;
  readonly intervalMs: number;
}

/** Shows all hosts and their VMs on the whole terminal until the user has had enough. */
export async function runTop(session: Session, { sort, intervalMs }: TopOptions): Promise<void> {
  const { hosts: daemons, world } = session;
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, world.interruption()]);
  let state: TopState = { ...firstState, sort };
  let hosts: readonly HostState[] = daemons.map(({ name }) => ({ name }));
  const sized = (): Screen => {
    const look = lookOfData(session);
    return { look: { ...look, columns: look.columns ?? 80 }, rows: screen.rows };
  };
  const draw = (): void => {
    screen.draw(frame(hosts, state, sized()));
  };
  const screen = new FullScreen(world, {
    onKey: (key) => {
      const all = rowsOf(hosts, state).length;
      state = pressed(state, key, { all, fitting: roomFor(hosts, sized()) });
      if (state.hasEnded) ended.abort();
      else draw();
    },
    onResize: draw,
  });
  try {
    draw();
    const watch = async (daemon: Host, index: number): Promise<void> => {
      while (!signal.aborted) {
        const now = await readHost(daemon, hosts[index]);
        if (!state.isPaused) {
          hosts = hosts.with(index, now);
          draw();
        }
        await pauseFor(intervalMs, signal);
      }
    };
    const watching = daemons.map(watch);
    await Promise.race([Promise.all(watching), aborted(signal)]);
  } finally {
    screen.close();
  }
}

/** Returns what a host says now; what it said last stays while it does not answer. */
async function readHost({ client, name }: Host, before: HostState | undefined): Promise<HostState> {
  const { overview, problem } = before ?? {};
  try {
    // one that comes back may be another daemon, whose revisions are others
    const since = problem === undefined ? overview?.revision : undefined;
    const answer = await client.call('Host.getOverview', since === undefined ? {} : { since });
    return { name, overview: merged(overview, answer) };
  } catch (error) {
    const sentence = failureOf(error).sentence ?? 'does not answer';
    return { name, ...(overview && { overview }), problem: sentence };
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });

const pauseFor = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void aborted(signal).then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
