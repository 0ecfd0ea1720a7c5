import type { Cancel, Clock } from '../../src/common/clock.ts';
import { Milliseconds, Seconds } from '../../src/common/units.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

const START_OF_2026 = Date.UTC(2026, 0) / 1000;

/** A clock that stands still until it is told to move; timers run in order of time, then of their making. */
export class VirtualClock implements Clock {
  #now = 0;
  #made = 0;
  readonly #timers = new Set<Timer>();

  now(): Milliseconds {
    return Milliseconds(this.#now);
  }

  wallTime(): Seconds {
    return Seconds(START_OF_2026 + this.#now / 1000);
  }

  after(delay: Milliseconds, run: () => void): Cancel {
    const timer = { at: this.#now + Math.max(0, delay), order: this.#made++, run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Moves on by `duration`, running each timer that falls due and letting promises settle after it. */
  async advance(duration: Milliseconds): Promise<void> {
    const end = this.#now + duration;
    await settle();
    for (let next = this.#due(end); next; next = this.#due(end)) {
      this.#timers.delete(next);
      this.#now = next.at;
      next.run();
      await settle();
    }
    this.#now = end;
  }

  #due(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Returns the same clock with another wall time. */
export const aheadOf = (clock: Clock, ahead: Milliseconds): Clock => ({
  now: () => clock.now(),
  wallTime: () => Seconds(clock.wallTime() + ahead / 1000),
  after: (delay, run) => clock.after(delay, run),
});
