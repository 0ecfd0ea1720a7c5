import { createHistogram } from 'node:perf_hooks';
import { expect, test } from '@jest/globals';
import { watchEventLoop } from '../../src/telemetry/eventLoop.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { until } from '../support/until.ts';
import { VirtualClock } from '../support/virtualClock.ts';

/** Ticks that a test makes itself, after so many milliseconds. */
function ticks() {
  const recorded = createHistogram();
  const state = { isEnabled: false };
  return Object.assign(recorded, {
    state,
    after: (...intervals: readonly number[]) => {
      for (const interval of intervals) recorded.record(Math.round(interval * 1e6));
    },
    enable: () => (state.isEnabled = true),
    disable: () => !(state.isEnabled = false),
  });
}

test('reports the delay of each tick within five seconds, until it is stopped', async () => {
  const clock = new VirtualClock();
  const made = ticks();
  const lags: number[] = [];
  const stop = watchEventLoop(clock, (lag) => lags.push(Math.round(lag)), made);
  expect(made.state.isEnabled).toBe(true);
  made.after(100, 150, 99.5, 2100, 100);
  await clock.advance(Milliseconds(5000));
  expect(lags).toEqual([0, 0, 0, 50, 2000]);
  await clock.advance(Milliseconds(5000));
  made.after(350);
  await clock.advance(Milliseconds(5000));
  expect(lags).toEqual([0, 0, 0, 50, 2000, 250]);
  stop();
  made.after(100);
  await clock.advance(Milliseconds(10_000));
  expect([lags.length, made.state.isEnabled]).toEqual([6, false]);
});

test("counts a tick of Node's own that comes late with its delay", async () => {
  const clock = new VirtualClock();
  const lags: number[] = [];
  const stop = watchEventLoop(clock, (lag) => lags.push(lag));
  const passed = (ms: number) => {
    const end = performance.now() + ms;
    return () => performance.now() > end;
  };
  // the first tick only begins an interval
  await until(passed(250));
  const isOver = passed(400);
  while (!isOver());
  await until(passed(150));
  await clock.advance(Milliseconds(5000));
  stop();
  expect(Math.max(...lags)).toBeGreaterThan(150);
});
