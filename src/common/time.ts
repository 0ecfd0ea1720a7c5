import type { Clock } from './clock.ts';
import { Milliseconds } from './units.ts';

const OFFSET = 2 ** 31 - 1;

/** Monotonic milliseconds for `statusTime` and `notify_time`; the offset is VDSM's (common/time.py). */
export const vdsmTime = (clock: Clock): number => OFFSET + Math.floor(clock.now());

/** Milliseconds since 1970. */
export const wallMilliseconds = (clock: Clock): Milliseconds =>
  Milliseconds(Math.round(clock.wallTime() * 1000));
