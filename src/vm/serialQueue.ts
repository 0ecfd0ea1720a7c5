import type { Cancel, Clock } from '../common/clock.ts';
import { HypervisorError, type CallOptions } from '../host/hypervisor.ts';
import { Milliseconds } from '../common/units.ts';

/** Runs the operations of one VM one after another; the `timeout` of each includes the wait for its turn. */
export class SerialQueue {
  readonly #clock: Clock;
  readonly #timeout: Milliseconds;
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, timeout: Milliseconds) {
    this.#clock = clock;
    this.#timeout = timeout;
  }

  /**
   * Runs `work` in its turn; throws HypervisorError `timed-out` if it has not ended within the timeout, which can only
   * be shortened.
   */
  run<T>(
    work: (options: Required<Pick<CallOptions, 'signal'>>) => Promise<T>,
    within = this.#timeout,
  ): Promise<T> {
    const timeout = Milliseconds(Math.min(within, this.#timeout));
    const ending = new AbortController();
    const tooLate = new HypervisorError(
      'timed-out',
      `no result within ${String(timeout / 1000)} s; the hypervisor or an earlier operation on this VM is stuck`,
    );
    let cancel: Cancel = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      // not by a listener: VMs keep the signals of operations that have ended
      cancel = this.#clock.after(timeout, () => {
        reject(tooLate);
        ending.abort(tooLate);
      });
    });
    const turn = this.#last.then(() => {
      ending.signal.throwIfAborted();
      return work({ signal: ending.signal });
    });
    this.#last = turn.catch(() => undefined);
    return Promise.race([turn, aborted]).finally(cancel);
  }

  /** As {@link run}, but returns as soon as `work` calls `answer`; its turn lasts until `work` has ended. */
  answer<T>(
    work: (
      options: Required<Pick<CallOptions, 'signal'>>,
      answer: (result: T) => void,
    ) => Promise<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      this.run((options) => work(options, resolve)).then(resolve, reject);
    });
  }

  /**
   * As {@link run}, but returns or throws only once `work` has ended, which is later than its timeout while its last
   * call is given up: until then the memory record has what `work` may yet undo.
   */
  runToEnd<T>(work: Parameters<typeof this.run<T>>[0]): Promise<T> {
    let turn: Promise<T> | undefined;
    return this.run((options) => {
      turn = work(options);
      return turn;
    }).catch((error: unknown) => {
      if (turn === undefined) throw error;
      return turn;
    });
  }
}
