/** Cancels a pending timer. */
export type Cancel = () => void;

/** The client's time and timers; tests replace them by virtual ones. */
export interface Timers {
  /** Returns milliseconds; the time of the day does not change it. */
  now(): number;
  /** Runs `run` once after `delay` milliseconds. */
  after(delay: number, run: () => void): Cancel;
}

/** Node's timers; they do not keep the process alive. */
export const nodeTimers: Timers = {
  now: () => performance.now(),
  after(delay, run) {
    const timer = setTimeout(run, delay);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
