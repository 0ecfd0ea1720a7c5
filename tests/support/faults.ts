import type { Hypervisor } from '../../src/host/hypervisor.ts';

/** A hypervisor in front of another one: it notes every call, and does what a test puts in an operation's place. */
export interface FaultyHypervisor {
  readonly hypervisor: Hypervisor;
  /** What to do instead of the real operation; delete it to go back to that. */
  readonly faults: Partial<Hypervisor>;
  /** The names of the operations called so far. */
  readonly calls: string[];
}

export function withFaults(
  real: Hypervisor,
  onCall: (operation: string) => void = () => undefined,
): FaultyHypervisor {
  const faults: Partial<Hypervisor> = {};
  const calls: string[] = [];
  const hypervisor = new Proxy(real, {
    get(target, name: keyof Hypervisor) {
      const value: unknown = faults[name] ?? Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        calls.push(name);
        onCall(name);
        return Reflect.apply(value, target, args);
      };
    },
  });
  return { hypervisor, faults, calls };
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
