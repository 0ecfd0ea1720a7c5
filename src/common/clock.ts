import { Milliseconds, Seconds } from './units.ts';

/** Takes a pending timer back; calling it late or twice does nothing. */
export type Cancel = () => void;

/** Monotonic time and timers, so that what waits can be tested without waiting. */
export interface Clock {
  now(): Milliseconds;
  /** The wall clock: seconds since 1970, as libvirt dates what guests report. */
  wallTime(): Seconds;
  /** Runs it once, after however long a delay. */
  after(delay: Milliseconds, run: () => void): Cancel;
}

/** Waits so long, on that clock. */
export const pause = (clock: Clock, delay: Milliseconds): Promise<void> =>
  new Promise((resolve) => clock.after(delay, resolve));

// A timer of Node that is to wait longer fires at once.
const LONGEST_WAIT = 2 ** 31 - 1;

/** The machine's monotonic clock, counted from its boot; its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => Milliseconds(Number(process.hrtime.bigint()) / 1e6),
  wallTime: () => Seconds(Date.now() / 1000),
  after(delay, run) {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      const part = Math.min(left, LONGEST_WAIT);
      timer = setTimeout(() => {
        if (left > part) wait(left - part);
        else run();
      }, part);
      timer.unref();
    };
    wait(delay);
    return () => {
      clearTimeout(timer);
    };
  },
};

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
