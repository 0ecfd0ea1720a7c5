import type { Level, Logger } from 'pino';
import { HypervisorError } from '../host/hypervisor.ts';

/** What is said of background work that has failed. */
export interface FailureLine {
  readonly text: string;
  /** `warn` by default. */
  readonly level?: Level;
  readonly facts?: object;
}

interface Owner {
  readonly id: string;
  readonly log: Logger;
  readonly isAlive: boolean;
}

/**
 * Logs that work on a VM has failed: only for debugging if the VM has ended meanwhile, and with a stack only if the
 * hypervisor is not the cause.
 */
export function logFailure(vm: Owner, error: unknown, { text, level, facts }: FailureLine): void {
  const shown = isRace(vm, error) ? 'debug' : (level ?? 'warn');
  vm.log[shown]({ vmId: vm.id, ...facts, ...causeOf(error) }, text);
}

/** Returns the cause of a failure in the form that the log has: a sentence, or the error with its stack if it is a bug. */
export const causeOf = (error: unknown): object =>
  error instanceof HypervisorError ? { reason: error.message } : { err: error };

/** Returns whether the hypervisor's error says that the domain has ended or does not exist. */
export const saysGone = (error: unknown): boolean =>
  error instanceof HypervisorError &&
  (error.kind === 'no-domain' || /domain (?:is not running|has stopped)/.test(error.message));

const isRace = (vm: Owner, error: unknown): boolean =>
  error instanceof HypervisorError && (!vm.isAlive || saysGone(error));
