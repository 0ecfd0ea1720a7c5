import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Milliseconds } from '../../../src/common/units.ts';
import { afterSample, type StallState, StallWatch } from '../../../src/host/pressure/stallWatch.ts';
import { assertProperty } from '../../support/property.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const PERIOD = 500;

/** The times, in samples, at which a stall begins while tasks wait for `shares` of each period. */
function beginnings(shares: readonly number[], period = PERIOD): number[] {
  let state: StallState = { samples: [] };
  let total = 100;
  return [0, ...shares].flatMap((share, index) => {
    total += (share * period) / 1000;
    const after = afterSample(state, { at: Milliseconds(index * period), total });
    state = after.state;
    return after.begins ? [index] : [];
  });
}

const during = (seconds: number, share: number): number[] =>
  Array.from({ length: (seconds * 1000) / PERIOD }, () => share);

test('a host without stalls has none', () => {
  expect(beginnings(during(60, 0))).toEqual([]);
});

test('a stall begins as soon as tasks have waited 150 ms of a second', () => {
  expect(beginnings([...during(2, 0), 0.6, ...during(1, 0)])).toEqual([5]);
  expect(beginnings([...during(2, 0), ...during(2, 0.21)])).toEqual([6]);
});

test('short waits are no stall', () => {
  expect(beginnings(during(60, 0.14))).toEqual([]);
});

test('a long stall begins once', () => {
  expect(beginnings([...during(1, 0), ...during(120, 0.5)])).toHaveLength(1);
});

test('stalls with pauses of seconds are one, after 10 s of calm there is another', () => {
  const flapping = Array.from({ length: 5 }, () => [...during(1, 1), ...during(5, 0)]).flat();
  expect(beginnings(flapping)).toHaveLength(1);
  const apart = Array.from({ length: 3 }, () => [...during(1, 1), ...during(12, 0)]).flat();
  expect(beginnings(apart)).toHaveLength(3);
});

test('a sample that comes late is judged by its time', () => {
  expect(beginnings([0.1, 0.1], 5000)).toEqual([]);
  expect(beginnings([0.1, 0.2], 5000)).toEqual([2]);
});

test('a total that falls is the beginning of another count', () => {
  const before = { samples: [{ at: Milliseconds(0), total: 100 }] };
  const { state, begins } = afterSample(before, { at: Milliseconds(250), total: 1 });
  expect(begins).toBe(false);
  expect(state.samples).toEqual([{ at: 250, total: 1 }]);
});

test('never begins twice in 10 s, and remembers little', () => {
  const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 400 });
  assertProperty(
    fc.property(shares, (given) => {
      const times = beginnings(given);
      for (const [index, time] of times.slice(1).entries()) {
        expect((time - (times[index] ?? 0)) * PERIOD).toBeGreaterThanOrEqual(10_000);
      }
      let state: StallState = { samples: [] };
      for (const [index] of given.entries()) {
        state = afterSample(state, { at: Milliseconds(index * PERIOD), total: index }).state;
        expect(state.samples.length).toBeLessThanOrEqual(6);
      }
    }),
  );
});

function watching() {
  const clock = new VirtualClock();
  const seen: number[] = [];
  const source: { total: number | undefined; reads: number } = { total: 0, reads: 0 };
  const watch = new StallWatch({
    clock,
    total: () => {
      source.reads += 1;
      return Promise.resolve(source.total);
    },
  });
  const listener = (): void => {
    seen.push(clock.now());
  };
  return { clock, seen, source, watch, listener };
}

test('listeners hear of a stall while it begins', async () => {
  const { clock, seen, source, watch, listener } = watching();
  watch.listen(listener);
  await clock.advance(Milliseconds(1000));
  source.total = 0.2;
  await clock.advance(Milliseconds(2000));
  expect(seen).toEqual([1500]);
});

test('nothing is read without a listener', async () => {
  const { clock, source, watch, listener } = watching();
  const cancels = [watch.listen(listener), watch.listen(listener)];
  await clock.advance(Milliseconds(1000));
  expect(source.reads).toBeGreaterThan(0);
  for (const cancel of cancels) cancel();
  const before = source.reads;
  await clock.advance(Milliseconds(10_000));
  expect(source.reads).toBe(before);
});

test('a listener that came back hears of the next stall', async () => {
  const { clock, seen, source, watch, listener } = watching();
  watch.listen(listener)();
  watch.listen(listener);
  await clock.advance(Milliseconds(500));
  source.total = 0.5;
  await clock.advance(Milliseconds(500));
  expect(seen).toEqual([1000]);
});

test('a kernel without the total is asked seldom', async () => {
  const { clock, source, watch, listener } = watching();
  source.total = undefined;
  watch.listen(listener);
  await clock.advance(Milliseconds(60_000));
  expect(source.reads).toBeLessThanOrEqual(7);
});
