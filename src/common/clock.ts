import { Milliseconds, Seconds } from './units.ts';

/** Cancels a pending timer; a late or repeated call has no effect. */
export type Cancel = () => void;

/** Monotonic time and timers; tests replace it by a virtual clock. */
export interface Clock {
  now(): Milliseconds;
  /** Wall-clock seconds since 1970, as in libvirt's guest statistics. */
  wallTime(): Seconds;
  /** Runs `run` once after `delay`, which may be longer than Node's longest timer. */
  after(delay: Milliseconds, run: () => void): Cancel;
}

/** Resolves after `delay` on that clock. */
export const pause = (clock: Clock, delay: Milliseconds): Promise<void> =>
  new Promise((resolve) => clock.after(delay, resolve));

// Node fires a timer with a longer delay at once.
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** `performance` counts from the start of the process; its time is read several times a request, and needs no BigInt. */
const STARTED_AT = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** The machine's monotonic clock, counted from its boot; its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Milliseconds(STARTED_AT + performance.now()),
  wallTime: () => Seconds(Date.now() / 1000),
  after(delay, run) {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      const part = Math.min(left, LONGEST_TIMEOUT);
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
