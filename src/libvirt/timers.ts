/** Takes a pending timer back. */
export type Cancel = () => void;

/** Where the client gets its time from, so that what waits can be tested without waiting. */
export interface Timers {
  /** Runs `run` once, `delay` milliseconds from now. */
  after(delay: number, run: () => void): Cancel;
}

/** Node's own timers; none of them keeps a process alive. */
export const nodeTimers: Timers = {
  after(delay, run) {
    const timer = setTimeout(run, delay);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
