import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB, Milliseconds, Seconds } from '../../src/common/units.ts';
import { History, type Sampled } from '../../src/vm/history.ts';
import { assertProperty } from '../support/property.ts';

const sample = (at: number, changes: Partial<Sampled> = {}): Sampled => ({
  state: 'running',
  at: Milliseconds(at),
  current: KiB(1000),
  balloonHeld: KiB(0),
  ...changes,
});
const report = (at: number, lastUpdate: number, changes: Partial<Sampled> = {}) =>
  sample(at, { lastUpdate: Seconds(lastUpdate), available: KiB(900), ...changes });
const filled = (size: number, ...samples: Sampled[]) => {
  const history = new History(size);
  for (const one of samples) history.push(one);
  return history;
};

test('the history keeps the last samples, oldest first, and no more than its size', () => {
  assertProperty(
    fc.property(fc.integer({ min: 2, max: 10 }), fc.nat(30), (size, count) => {
      const history = filled(size, ...Array.from({ length: count }, (_, at) => sample(at)));
      const kept = [...history].map(({ at }) => at);
      const first = Math.max(0, count - size);
      expect(kept).toEqual(Array.from({ length: count - first }, (_, n) => first + n));
      expect(history.newest?.at).toBe(kept.at(-1));
    }),
  );
});

describe('the previous sample', () => {
  test('is the last one with an earlier report, since a guest is sampled more often than it reports', () => {
    const history = filled(60, report(0, 100), report(5, 110), report(10, 110));
    expect(history.newest?.at).toBe(10);
    expect(history.previous?.at).toBe(0);
  });

  test('is known also if its report is older than all kept samples', () => {
    const repeated = [5, 10, 15, 20].map((at) => report(at, 110));
    expect(filled(2, report(0, 100), ...repeated).previous?.at).toBe(0);
  });

  test('is undefined before the second report, and in another run', () => {
    const history = filled(60, report(0, 100), report(5, 100));
    expect(history.previous).toBeUndefined();
    history.push(report(10, 110));
    history.clear();
    history.push(report(15, 120));
    expect(history.previous).toBeUndefined();
    expect([...history]).toHaveLength(1);
  });
});

test('a sample without a report keeps the last report and its time, but no values of the host', () => {
  const history = filled(60, report(0, 100, { unused: KiB(5), rss: KiB(7) }));
  history.push(sample(5, { current: KiB(800) }));
  expect(history.newest).toMatchObject({
    at: 5,
    current: 800,
    available: 900,
    unused: 5,
    lastUpdate: 100,
  });
  expect(history.newest).not.toHaveProperty('rss');
});

test('a report with fewer values than the last one is not completed from it', () => {
  const history = filled(60, report(0, 100, { unused: KiB(5) }), report(5, 110));
  expect(history.newest).not.toHaveProperty('unused');
});

describe('what the balloon held at the report', () => {
  const held = (balloonHeld: number) => ({ balloonHeld: KiB(balloonHeld) });

  test('is the lesser of the samples before and after it', () => {
    expect(filled(60, report(0, 100, held(0)), report(5, 110, held(300))).newest).toMatchObject({
      balloonHeld: 300,
      heldAtReport: 0,
    });
    expect(filled(60, report(0, 100, held(300)), report(5, 110, held(0))).newest).toMatchObject({
      balloonHeld: 0,
      heldAtReport: 0,
    });
  });

  test('stays the same until the next report, however the balloon changes', () => {
    const history = filled(60, report(0, 100, held(50)), report(5, 100, held(300)));
    history.correctBalloon(KiB(600), KiB(400));
    expect(history.newest).toMatchObject({ current: 600, balloonHeld: 400, heldAtReport: 50 });
    // The next report may have been made just before the balloon changed.
    history.push(report(10, 110, held(400)));
    expect(history.newest).toMatchObject({ heldAtReport: 300 });
    history.push(report(15, 120, held(400)));
    expect(history.newest).toMatchObject({ heldAtReport: 400 });
  });

  test('is unknown if the current size of the balloon is unknown', () => {
    const history = new History(60);
    history.push({ state: 'running', at: Milliseconds(0), lastUpdate: Seconds(100) });
    expect(history.newest).not.toHaveProperty('heldAtReport');
  });
});

test('a correction before the first sample is dropped', () => {
  const history = new History(60);
  history.correctBalloon(KiB(1), KiB(2));
  expect(history.newest).toBeUndefined();
});
