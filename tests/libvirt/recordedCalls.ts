import type { Lane, Ticket } from '../../src/libvirt/lane.ts';
import { Limits } from '../../src/libvirt/limits.ts';

/** Enters calls and records which have started and which were refused. */
export function recorder(lane: Lane) {
  const started: string[] = [];
  const failed: [string, unknown][] = [];
  const tickets = new Map<string, Ticket>();
  return {
    started,
    failed,
    enter: (name: string, domains?: readonly string[], isSlow = false, passesOver = false) =>
      tickets.set(
        name,
        lane.enter(
          { domains, passesOver, isSlow },
          {
            start: () => started.push(name),
            fail: (reason) => failed.push([name, reason]),
          },
        ),
      ),
    leave: (name: string) => tickets.get(name)?.leave(),
    reply: (name: string) => tickets.get(name)?.leave(true),
    abandon: (name: string) => tickets.get(name)?.abandon(),
  };
}

export type Recorder = ReturnType<typeof recorder>;

let now = 0;
/** Lets so many milliseconds pass for {@link livelyLimits}. */
export const passes = (ms: number): void => {
  now += ms;
};
/** Limits under which these guests show a sign of life. */
export const livelyLimits = (...lively: string[]) =>
  new Limits({
    isAlive: (uuid) => Promise.resolve(lively.includes(uuid)),
    nameOf: (uuid) => uuid.toUpperCase(),
    now: () => now,
  });
/** Lets what is known about signs of life have its effect. */
export const settled = () => new Promise(setImmediate);
