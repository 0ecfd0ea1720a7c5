import type { Cancel, Clock } from '../common/clock.ts';
import { Milliseconds } from '../common/units.ts';

const PACE = Milliseconds(100);

/** Looks ten times a second how late it comes to do so, and tells; the answer stops it. */
export function watchEventLoop(clock: Clock, tell: (lag: Milliseconds) => void): Cancel {
  let cancel: Cancel;
  const look = (): void => {
    const due = clock.now() + PACE;
    cancel = clock.after(PACE, () => {
      tell(Milliseconds(Math.max(0, clock.now() - due)));
      look();
    });
  };
  look();
  return () => {
    cancel();
  };
}
