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
