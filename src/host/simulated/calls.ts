import type { Clock } from '../../common/clock.ts';
import { type CallOptions, HypervisorError } from '../hypervisor.ts';

/** The pending calls of a connection: each keeps to its time limit, and all fail when the connection is lost. */
export class Calls {
  readonly #clock: Clock;
  readonly #underWay = new Set<(error: HypervisorError) => void>();
  #isOpen = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(): void {
    this.#isOpen = true;
  }

  /** Ends the connection. Pending calls fail, but their effects may still happen. */
  cut(reason: string): void {
    this.#isOpen = false;
    for (const fail of this.#underWay) fail(new HypervisorError('unreachable', reason));
  }

  /** Runs `work` after the caller's current turn. A call that has timed out or was aborted still completes its work. */
  perform<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    if (!this.#isOpen) return Promise.reject(notConnected());
    if (options?.signal?.aborted) return Promise.reject(givenUp(options.signal));
    return new Promise<T>((resolve, reject) => {
      const release = this.#watch(options, reject);
      Promise.resolve().then(work).then(resolve, reject).finally(release);
    });
  }

  #watch(
    { timeout, signal }: CallOptions = {},
    fail: (error: HypervisorError) => void,
  ): () => void {
    const abort = (): void => {
      if (signal) fail(givenUp(signal));
    };
    const stopTimer =
      timeout === undefined ? undefined : (
        this.#clock.after(timeout, () => {
          fail(new HypervisorError('timed-out', `no answer after ${String(timeout)} ms`));
        })
      );
    signal?.addEventListener('abort', abort, { once: true });
    this.#underWay.add(fail);
    return () => {
      stopTimer?.();
      signal?.removeEventListener('abort', abort);
      this.#underWay.delete(fail);
    };
  }
}

const notConnected = (): HypervisorError =>
  new HypervisorError('unreachable', 'the simulated host is not connected, open it first');

const givenUp = (signal: AbortSignal): HypervisorError =>
  new HypervisorError('timed-out', 'the call was aborted', { cause: signal.reason });
