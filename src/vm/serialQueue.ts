import type { Clock } from '../common/clock.ts';
import { HypervisorError, type CallOptions } from '../host/hypervisor.ts';
import type { Milliseconds } from '../common/units.ts';

/** Runs the operations of one VM one after another; each has `timeout` from the moment it is asked for. */
export class SerialQueue {
  readonly #clock: Clock;
  readonly #timeout: Milliseconds;
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, timeout: Milliseconds) {
    this.#clock = clock;
    this.#timeout = timeout;
  }

  /** Runs `job` in its turn; throws HypervisorError `timed-out` when its time ends before or while it runs. */
  run<T>(job: (bound: Required<Pick<CallOptions, 'signal'>>) => Promise<T>): Promise<T> {
    const ending = new AbortController();
    const tooLate = new HypervisorError(
      'timed-out',
      `no answer within ${String(this.#timeout / 1000)} s; the hypervisor or an operation before this one is stuck`,
    );
    const cancel = this.#clock.after(this.#timeout, () => {
      ending.abort(tooLate);
    });
    const turn = this.#last.then(() => {
      ending.signal.throwIfAborted();
      return job({ signal: ending.signal });
    });
    this.#last = turn.catch(() => undefined);
    const aborted = new Promise<never>((_, reject) => {
      ending.signal.addEventListener('abort', () => {
        reject(tooLate);
      });
    });
    return Promise.race([turn, aborted]).finally(cancel);
  }
}
