import type { Cancel, Clock } from '../common/clock.ts';
import { Milliseconds } from '../common/units.ts';

const INTERVAL = Milliseconds(100);

/** Calls `onLag` ten times a second with the delay of its own timer. Returns a function that stops it. */
export function watchEventLoop(clock: Clock, onLag: (lag: Milliseconds) => void): Cancel {
  let cancel: Cancel;
  const schedule = (): void => {
    const due = clock.now() + INTERVAL;
    cancel = clock.after(INTERVAL, () => {
      onLag(Milliseconds(Math.max(0, clock.now() - due)));
      schedule();
    });
  };
  schedule();
  return () => {
    cancel();
  };
}
