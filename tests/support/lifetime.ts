import type { Clock } from '../../src/common/clock.ts';
import type { Hypervisor } from '../../src/host/hypervisor.ts';

/** What one process of vmemd lives by, until it is killed. */
export interface Lifetime {
  readonly clock: Clock;
  readonly hypervisor: Hypervisor;
  readonly isOver: boolean;
  /** Rejects when the process is killed. */
  readonly over: Promise<never>;
  /** From now on it asks nothing, hears of nothing and is woken by no timer; what it asked for is done all the same. */
  kill(reason: Error): void;
}

const never = new Promise<never>(() => undefined);

export function lifetime(clock: Clock, real: Hypervisor): Lifetime {
  let isOver = false;
  let end: (reason: Error) => void = () => undefined;
  const over = new Promise<never>((_, reject) => {
    end = reject;
  });
  // Nobody need be waiting.
  over.catch(() => undefined);
  const whileAlive = <T>(answer: Promise<T>): Promise<T> =>
    answer.finally(() => (isOver ? never : undefined));
  const hypervisor = new Proxy(real, {
    get(target, name: keyof Hypervisor) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (isOver) return never;
        const answer: unknown = Reflect.apply(value, target, args);
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
  };
}
