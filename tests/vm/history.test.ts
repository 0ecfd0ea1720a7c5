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
/** Adds a sample of which the hypervisor was asked at once; the wall clock is `1000` s ahead of the other one. */
const push = (history: History, one: Sampled, wallTime = 1000 + one.at / 1000): void => {
  history.push(one, { askedAt: one.at, wallTime: Seconds(wallTime) });
};
const filled = (size: number, ...samples: Sampled[]) => {
  const history = new History(size);
  for (const one of samples) push(history, one);
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
    push(history, report(10, 110));
    history.clear();
    push(history, report(15, 120));
    expect(history.previous).toBeUndefined();
    expect([...history]).toHaveLength(1);
  });
});

test('a sample without a report keeps the last report and its time, but no values of the host', () => {
  const history = filled(60, report(0, 100, { unused: KiB(5), rss: KiB(7) }));
  push(history, sample(5, { current: KiB(800) }));
  expect(history.newest).toMatchObject({
    at: 5,
    current: 800,
    available: 900,
    unused: 5,
    lastUpdate: 100,
  });
  expect(history.newest?.rss).toBeUndefined();
});

test('a report with fewer values than the last one is not completed from it', () => {
  const history = filled(60, report(0, 100, { unused: KiB(5) }), report(5, 110));
  expect(history.newest?.unused).toBeUndefined();
});

describe('a sample that was asked for before the balloon moved', () => {
  const late = (history: History, askedAt: number, at: number, current: number): void => {
    const one = sample(at, { current: KiB(current), balloonHeld: KiB(1000 - current) });
    history.push(one, { askedAt: Milliseconds(askedAt), wallTime: Seconds(1000 + at / 1000) });
  };
  const moved = (): History => {
    const history = filled(60, sample(0));
    history.moveBalloon(KiB(600), KiB(400), Milliseconds(5200));
    return history;
  };

  test('does not take back the size that the event told', () => {
    const history = moved();
    late(history, 5000, 5300, 1000);
    expect(history.newest).toMatchObject({ at: 5300, current: 600, balloonHeld: 400 });
  });

  test('is followed by the next sample, whose size counts again', () => {
    const history = moved();
    late(history, 5000, 5300, 1000);
    late(history, 6000, 6100, 700);
    expect(history.newest).toMatchObject({ current: 700, balloonHeld: 300 });
  });

  test('has the size of after a device came or went', () => {
    const history = filled(60, sample(0));
    history.correctBalloon(KiB(1200), KiB(0), Milliseconds(5200));
    late(history, 5000, 5300, 1000);
    expect(history.newest).toMatchObject({ current: 1200, balloonHeld: 0 });
  });

  test('counts in another run', () => {
    const history = moved();
    history.beginRun(Milliseconds(5250));
    late(history, 5200, 5300, 900);
    expect(history.newest).toMatchObject({ current: 900, balloonHeld: 100 });
  });
});

describe('what the balloon held at the report', () => {
  const held = (balloonHeld: number) => ({ balloonHeld: KiB(balloonHeld) });
  const exactly = (size: number) => ({ least: size, most: size });
  /** The report of second 1000 + `s`, in a sample of second `s` + `after`. */
  const told = (s: number, after: number, size: number) =>
    report((s + after) * 1000, 1000 + s, held(size));

  test('is what all samples around it say', () => {
    expect(filled(60, told(0, 0, 50), told(10, 2, 50)).newest).toMatchObject({
      heldAtReport: exactly(50),
    });
  });

  test('is unknown for the first report, before which nobody looked', () => {
    expect(filled(60, told(0, 2, 50)).newest?.heldAtReport).toBeUndefined();
  });

  test('lies between two samples if there was no event between them, or turned a step beyond', () => {
    expect(filled(60, told(0, 0, 100), told(10, 2, 300)).newest).toMatchObject({
      heldAtReport: { least: 0, most: 500 },
    });
  });

  test('does not include what the balloon held long before or after', () => {
    const history = filled(60, told(0, 0, 0));
    const move = (at: number, size: number) => {
      history.moveBalloon(KiB(1000 - size), KiB(size), Milliseconds(at));
    };
    for (const [at, size] of [
      [1000, 10],
      [2000, 400],
      [3000, 800],
      [20_000, 801],
      [21_000, 900],
    ] as const) {
      move(at, size);
    }
    push(history, told(10, 30, 900));
    expect(history.newest?.heldAtReport).toEqual({ least: 799, most: 802 });
  });

  test('stays the same until the next report, however the balloon changes', () => {
    const history = filled(60, told(0, 0, 50), told(5, 1, 50));
    history.moveBalloon(KiB(600), KiB(400), Milliseconds(7000));
    push(history, report(8000, 1005, held(400)));
    expect(history.newest).toMatchObject({ balloonHeld: 400, heldAtReport: exactly(50) });
    push(history, told(20, 1, 400));
    expect(history.newest).toMatchObject({ heldAtReport: exactly(400) });
  });

  test('is found between two samples if the wall clock was set meanwhile', () => {
    const history = filled(60, told(0, 0, 50), told(10, 1, 50));
    push(history, report(20_000, 1018, held(50)), 420);
    expect(history.newest).toMatchObject({ heldAtReport: exactly(50) });
  });

  test('is unknown where events may have been lost, or memory came, since the sample before', () => {
    const lost = filled(60, told(0, 0, 50));
    lost.forgetBalloon();
    push(lost, told(5, 1, 50));
    expect(lost.newest?.heldAtReport).toBeUndefined();
    const grown = filled(60, told(0, 0, 50));
    grown.correctBalloon(KiB(2000), KiB(50), Milliseconds(5500));
    push(grown, told(5, 1, 50));
    expect(grown.newest?.heldAtReport).toBeUndefined();
    push(grown, told(10, 1, 50));
    expect(grown.newest).toMatchObject({ heldAtReport: exactly(50) });
  });

  test('may be nothing in the first report of a boot, whatever QEMU counts since the boot before', () => {
    const history = filled(60, told(0, 0, 300), told(5, 1, 300));
    history.beginBoot(Milliseconds(1_010_000), Milliseconds(10_000));
    push(history, report(15_000, 1005, held(300)));
    push(history, told(20, 1, 300));
    expect(history.newest).toMatchObject({ heldAtReport: { least: 0 } });
    push(history, told(30, 1, 300));
    expect(history.newest).toMatchObject({ heldAtReport: exactly(300) });
  });

  test('is unknown if the current size of the balloon is unknown', () => {
    const history = new History(60);
    for (const at of [0, 5000]) {
      push(history, { state: 'running', at: Milliseconds(at), lastUpdate: Seconds(1000) });
    }
    expect(history.newest?.heldAtReport).toBeUndefined();
  });
});

describe('of the reports of another boot', () => {
  const begun = (at = 10_000) => {
    const history = filled(60, report(0, 998), report(5000, 1004));
    history.beginBoot(Milliseconds(1_000_000 + at), Milliseconds(at));
    return history;
  };

  test('nothing is kept, but what the hypervisor itself knows', () => {
    const { newest, previous, reportSeenAt } = begun();
    expect(newest).toEqual(sample(5000));
    expect([previous, reportSeenAt]).toEqual([undefined, undefined]);
  });

  test('nothing is taken that QEMU has kept, also if it was not seen before', () => {
    const history = begun();
    for (const at of [11_000, 15_000, 20_000]) push(history, report(at, 1009));
    expect(history.newest).toEqual(sample(20_000));
    push(history, report(25_000, 1023));
    expect(history.newest).toMatchObject({ lastUpdate: 1023, available: 900 });
  });

  test('nothing is taken of the second in which it began', () => {
    const history = begun(10_900);
    push(history, report(12_000, 1010));
    expect(history.newest?.lastUpdate).toBeUndefined();
  });

  test('those that change are taken after the wall clock was set back', () => {
    const history = begun();
    for (const at of [11_000, 15_000]) push(history, report(at, 1009), 400 + at / 1000);
    push(history, report(20_000, 418), 420);
    expect(history.newest).toMatchObject({ lastUpdate: 418 });
  });

  test('the one that QEMU has kept is not taken if the wall clock was set back before', () => {
    const history = begun();
    history.beginBoot(Milliseconds(410_000), Milliseconds(10_000));
    for (const at of [11_000, 15_000, 600_000]) push(history, report(at, 1009), 400 + at / 1000);
    expect(history.newest?.lastUpdate).toBeUndefined();
  });
});

test('what QEMU counts of the balloon after a reset is unknown until the balloon moves or the guest reports', () => {
  const reset = () => {
    const history = filled(60, report(0, 1000, { balloonHeld: KiB(300) }));
    history.beginBoot(Milliseconds(1_001_000), Milliseconds(1000));
    push(history, sample(2000, { balloonHeld: KiB(300) }));
    return history;
  };
  const history = reset();
  expect(history.newest?.current).toBeUndefined();
  expect(history.newest?.balloonHeld).toBeUndefined();
  history.moveBalloon(KiB(900), KiB(100), Milliseconds(3000));
  expect(history.newest).toMatchObject({ current: 900, balloonHeld: 100 });
  const reported = reset();
  push(reported, report(5000, 1004, { balloonHeld: KiB(300) }));
  expect(reported.newest).toMatchObject({ balloonHeld: 300 });
});

test('a run begins without samples', () => {
  const history = filled(60, report(0, 100));
  history.beginRun(Milliseconds(1_005_000));
  expect([...history]).toEqual([]);
});

test('a correction before the first sample is dropped', () => {
  const history = new History(60);
  history.moveBalloon(KiB(1), KiB(2), Milliseconds(0));
  expect(history.newest).toBeUndefined();
});
