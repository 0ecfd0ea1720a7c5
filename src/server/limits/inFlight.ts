import type { Clock } from '../../common/clock.ts';
import type { Milliseconds } from '../../common/units.ts';

/** Counts running requests, for which a closing server waits. */
export class InFlight {
  #count = 0;
  #onIdle: (() => void)[] = [];

  get isIdle(): boolean {
    return this.#count === 0;
  }

  begin(): void {
    this.#count++;
  }

  end(): void {
    this.#count--;
    if (!this.isIdle) return;
    for (const resolve of this.#onIdle) resolve();
    this.#onIdle = [];
  }

  /** Fulfils when no request is running, or when `deadline` has passed. */
  drain(clock: Clock, deadline: Milliseconds): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.after(deadline, resolve);
      this.#onIdle.push(() => {
        cancel();
        resolve();
      });
    });
  }
}
