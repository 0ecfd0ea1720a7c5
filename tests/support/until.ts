import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Milliseconds } from '../../src/common/units.ts';
import type { VirtualClock } from './virtualClock.ts';

/** Longer than anything takes on a busy machine, so that only what never happens fails. */
const PATIENCE_MS = 60_000;

/** Waits until the condition holds; throws when it never does. */
export async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${holds.toString()}`);
    await sleep(2);
  }
}

/** A process that works for at most this share of the time is idle: waiting takes some time too. */
const IDLE = 0.5;

/** Waits until this process has nothing to do, so that what is sent and received in it takes no virtual time. */
async function idle(): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  for (let used = 1; used > IDLE && Date.now() < end;) {
    const before = performance.eventLoopUtilization();
    await sleep(2);
    used = performance.eventLoopUtilization(before).utilization;
  }
}

/** Lets virtual time pass until this is settled; returns its result. */
export async function passTime<T>(clock: VirtualClock, call: Promise<T>): Promise<T> {
  const waited = { isOver: false };
  const end = () => (waited.isOver = true);
  call.then(end, end);
  while (!waited.isOver) {
    await clock.advance(Milliseconds(250));
    await idle();
  }
  return call;
}
