import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Cancel, Clock } from '../common/clock.ts';
import { Milliseconds } from '../common/units.ts';

const INTERVAL = Milliseconds(100);
const READ_INTERVAL = Milliseconds(5000);
const NS_PER_MS = 1e6;

/** The times between two ticks of a timer of Node's own, in nanoseconds. */
export type Ticks = Pick<
  IntervalHistogram,
  'count' | 'percentile' | 'reset' | 'enable' | 'disable'
>;

/** Node measures without running JavaScript, which takes a third of the CPU time of a timer in JavaScript. */
const ownTicks = (): Ticks => monitorEventLoopDelay({ resolution: INTERVAL });

/**
 * Calls `onLag` with the delay of each tick of a timer that is due ten times a second, at most five seconds later.
 * Returns a function that stops it.
 */
export function watchEventLoop(
  clock: Clock,
  onLag: (lag: Milliseconds) => void,
  ticks = ownTicks(),
): Cancel {
  ticks.enable();
  let cancel: Cancel;
  const read = (): void => {
    const { count } = ticks;
    for (let nth = 1; nth <= count; nth++) {
      const interval = ticks.percentile((100 * nth) / count) / NS_PER_MS;
      onLag(Milliseconds(Math.max(0, interval - INTERVAL)));
    }
    ticks.reset();
    cancel = clock.after(READ_INTERVAL, read);
  };
  cancel = clock.after(READ_INTERVAL, read);
  return () => {
    cancel();
    ticks.disable();
  };
}
