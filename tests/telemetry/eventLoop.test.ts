import { expect, test } from '@jest/globals';
import { watchEventLoop } from '../../src/telemetry/eventLoop.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { VirtualClock } from '../support/virtualClock.ts';

/** A clock whose timers run late by a given time. */
class BusyClock extends VirtualClock {
  late = 0;
  override after(delay: Milliseconds, run: () => void) {
    return super.after(Milliseconds(delay + this.late), run);
  }
}

test('reports the delay of its timer ten times a second until it is stopped', async () => {
  const clock = new BusyClock();
  const lags: number[] = [];
  const stop = watchEventLoop(clock, (lag) => lags.push(lag));
  clock.late = 50;
  await clock.advance(Milliseconds(400));
  expect(lags).toEqual([0, 50, 50]);
  stop();
  await clock.advance(Milliseconds(1000));
  expect(lags).toHaveLength(3);
});
