import type { Clock } from '../../src/common/clock.ts';
import type { Milliseconds } from '../../src/common/units.ts';
import type { Hypervisor } from '../../src/host/hypervisor.ts';
import { never } from './faults.ts';

/** A call of the hypervisor at which a process ends. */
export interface KillPoint {
  /** Counted from now on, 1 is the next one. */
  readonly call: number;
  /** Calls of other operations are not counted; unless given, all are. */
  readonly operation?: keyof Hypervisor;
  /** The host never gets the call; or gets it, with the process gone by then; or has done it, but its reply is lost. */
  readonly when: 'before' | 'sent' | 'done';
}

/** What one process of vmemd lives by, until it is killed. */
export interface Lifetime {
  readonly clock: Clock;
  readonly hypervisor: Hypervisor;
  readonly isOver: boolean;
  /** Rejects when the process is killed. */
  readonly over: Promise<never>;
  /** From now on it asks nothing, hears of nothing and is woken by no timer; what it asked for is done all the same. */
  kill(reason: Error): void;
  /** Calls `kill` at that point. */
  killAt(point: KillPoint, kill: () => void): void;
}

/** `onTimer` is called when a timer of the process falls due, before the process does what it was set for. */
export function lifetime(
  clock: Clock,
  real: Hypervisor,
  onTimer: (delay: Milliseconds) => void = () => undefined,
): Lifetime {
  let isOver = false;
  let end: (reason: Error) => void = () => undefined;
  const over = new Promise<never>((_, reject) => {
    end = reject;
  });
  // Nobody need be waiting.
  over.catch(() => undefined);
  let aim: { readonly point: KillPoint; readonly kill: () => void; left: number } | undefined;
  /** When to end the process, if this call is the one to end it at. */
  const due = (name: keyof Hypervisor): KillPoint['when'] | undefined => {
    if (!aim || name === 'listen' || (aim.point.operation ?? name) !== name) return undefined;
    aim.left -= 1;
    return aim.left === 0 ? aim.point.when : undefined;
  };
  const whileAlive = <T>(answer: Promise<T>): Promise<T> =>
    answer.finally(() => (isOver ? never() : undefined));
  const hypervisor = new Proxy(real, {
    get(target, name: keyof Hypervisor, self: Hypervisor) {
      if (name === 'editNextRunMetadata') return editedBy(self);
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (isOver) return never();
        const when = due(name);
        if (when === 'before') {
          aim?.kill();
          return never();
        }
        const answer: unknown = Reflect.apply(value, target, args);
        if (when === 'sent') aim?.kill();
        if (when === 'done') return whileAlive((answer as Promise<unknown>).finally(aim?.kill));
        return answer instanceof Promise ? whileAlive(answer) : answer;
      };
    },
  });
  return {
    hypervisor,
    over,
    clock: {
      now: () => clock.now(),
      wallTime: () => clock.wallTime(),
      after: (delay, run) =>
        clock.after(delay, () => {
          if (!isOver) onTimer(delay);
          if (!isOver) run();
        }),
    },
    get isOver() {
      return isOver;
    },
    kill(reason) {
      isOver = true;
      end(reason);
    },
    killAt(point, kill) {
      aim = { point, kill, left: point.call };
    },
  };
}

/** As on libvirt, that is a call that reads and one that writes. */
const editedBy =
  (hypervisor: Hypervisor): Hypervisor['editNextRunMetadata'] =>
  async (uuid, edit, options) => {
    const xml = await hypervisor.nextRunXml(uuid, options);
    if (xml === undefined) return false;
    await hypervisor.setMetadata(uuid, { ...edit(xml), where: 'next-run' }, options);
    return true;
  };
