import type { Clock } from '../../common/clock.ts';
import type { Milliseconds } from '../../common/units.ts';

/** Counts running requests, for which a closing server waits; `all` counts them too, if given. */
export class InFlight {
  readonly #all: InFlight | undefined;
  #count = 0;
  #onIdle: (() => void)[] = [];

  constructor(all?: InFlight) {
    this.#all = all;
  }

  get isIdle(): boolean {
    return this.#count === 0;
  }

  begin(): void {
    this.#count++;
    this.#all?.begin();
  }

  end(): void {
    this.#count--;
    this.#all?.end();
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
