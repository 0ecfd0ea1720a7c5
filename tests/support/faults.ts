import type { Hypervisor } from '../../src/host/hypervisor.ts';

/** A call of the hypervisor that fails. */
export interface Failure {
  /** Counted from now on, 1 is the next one. */
  readonly call: number;
  /** Whether the host does it all the same. */
  readonly isDone: boolean;
  readonly error: Error;
}

/** A hypervisor in front of another one: it notes every call, and does what a test puts in an operation's place. */
export interface FaultyHypervisor {
  /** Makes one call fail; undefined takes that back. */
  readonly failAt: (failure: Failure | undefined) => void;
  readonly hypervisor: Hypervisor;
  /** What to do instead of the real operation; delete it to go back to that. */
  readonly faults: Partial<Hypervisor>;
  /** The names of the operations called so far. */
  readonly calls: string[];
}

export function withFaults(
  real: Hypervisor,
  onCall: (operation: string) => Promise<never> | undefined = () => undefined,
): FaultyHypervisor {
  const faults: Partial<Hypervisor> = {};
  const calls: string[] = [];
  let failure: Failure | undefined;
  let left = 0;
  const isDue = (name: string): boolean => {
    if (!failure || name === 'listen') return false;
    left -= 1;
    return left === 0;
  };
  const hypervisor = new Proxy(real, {
    get(target, name: keyof Hypervisor) {
      const value: unknown = faults[name] ?? Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        calls.push(name);
        const stopped = onCall(name);
        if (stopped) return stopped;
        if (!failure || !isDue(name)) return Reflect.apply(value, target, args) as unknown;
        const { isDone, error } = failure;
        const work = isDone ? (Reflect.apply(value, target, args) as Promise<unknown>) : undefined;
        return Promise.resolve(work).then(() => Promise.reject(error));
      };
    },
  });
  const failAt = (next: Failure | undefined): void => {
    failure = next;
    left = next?.call ?? 0;
  };
  return { hypervisor, faults, calls, failAt };
}

/** An operation that never answers, whoever gives up waiting for it. */
export const never = (): Promise<never> => new Promise(() => undefined);

/** An operation that answers when told to. */
export function held<T>() {
  let release: (value: T) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const answer = new Promise<T>((resolve, reject) => {
    release = resolve;
    fail = reject;
  });
  return { answer, release, fail };
}
