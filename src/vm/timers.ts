import type { Cancel, Clock } from '../common/clock.ts';
import type { Milliseconds } from '../common/units.ts';

/** Timers by name: one that is set again replaces the one before. */
export class Timers {
  readonly #clock: Clock;
  readonly #timers = new Map<string, Cancel>();
  #unnamed = 0;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(name: string): boolean {
    return this.#timers.has(name);
  }

  /** Calls `run` once after `delay`. */
  set(name: string, delay: Milliseconds, run: () => void): void {
    this.#timers.get(name)?.();
    if (this.#isClosed) return;
    const cancel = this.#clock.after(delay, () => {
      this.#timers.delete(name);
      run();
    });
    this.#timers.set(name, cancel);
  }

  /** As {@link set}, for a timer without a name, which none replaces. */
  add(delay: Milliseconds, run: () => void): void {
    this.#unnamed += 1;
    this.set(`unnamed ${String(this.#unnamed)}`, delay, run);
  }

  /** Cancels all timers, and sets none from now on. */
  close(): void {
    this.clear();
    this.#isClosed = true;
  }

  clear(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}
