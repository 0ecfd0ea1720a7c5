import { describe, expect, test } from '@jest/globals';
import { adaptiveDefaults } from '../../../../src/policy/decide/adaptive/parameters.ts';
import { knownAfter, type Seen } from './given.ts';

const { fallTime, warmTime, swapRate, refaultRate, headroom } = adaptiveDefaults;
const MEMORY = 1_000_000;
/** What is left of something that has fallen by two thirds. */
const THIRD = 1 / Math.E;
/** KiB of page cache that a major fault reads. */
const PAGE = 4;

describe('the estimate of what a guest uses', () => {
  const used = (...rounds: Seen[]): number | undefined => knownAfter(rounds).used;

  test('is what its kernel cannot free, and what the kernel keeps outside of its total', () => {
    const kernel = 20_000;
    const report = { current: 500_000, available: 500_000 - kernel, usable: 300_000 };
    expect(used({ time: 0, ...report })).toBe(500_000 - kernel - 300_000 + kernel);
  });

  test('rises at once', () => {
    expect(used({ time: 0, used: 200_000 }, { time: 5, used: 400_000 })).toBe(400_000);
  });

  test('falls by two thirds in fall_time', () => {
    const left = used({ time: 0, used: 400_000 }, { time: fallTime, used: 100_000 });
    expect(left).toBeCloseTo(100_000 + 300_000 * THIRD, -1);
  });

  test('falls by two thirds in a fall_time between reports, also if each is seen late', () => {
    const left = used(
      { time: 9, reportedAt: 1, used: 400_000 },
      { time: 9 + fallTime, reportedAt: 1 + fallTime, used: 100_000 },
    );
    expect(left).toBeCloseTo(100_000 + 300_000 * THIRD, -1);
  });

  test('is not forgotten for lack of a report', () => {
    const last = { reportedAt: 5, used: 400_000 };
    const rounds = [
      { time: 0, used: 200_000 },
      { time: 5, ...last },
    ];
    expect(knownAfter([...rounds, { time: 20, ...last }])).toEqual(knownAfter(rounds));
  });

  test('follows reports that have no time, each of which is a new one', () => {
    const untimed = { reportedAt: undefined };
    const left = used(
      { time: 0, ...untimed, used: 400_000 },
      { time: fallTime, ...untimed, used: 100_000 },
    );
    expect(left).toBeCloseTo(100_000 + 300_000 * THIRD, -1);
  });

  test('does not rise by what the balloon has given since the report', () => {
    const report = { available: 480_000, usable: 280_000 };
    const before = { time: 0, current: 500_000, ...report };
    const grown = { time: 5, current: 600_000, ...report };
    expect(used(before, grown)).toBe(500_000 - 280_000);
  });

  test('does not have memory that came online since, as it is no longer outside of the total', () => {
    const [offline, online] = [400_000, 500_000];
    const before = { time: 0, current: online, available: offline, usable: 300_000 };
    const after = { time: 5, current: online, available: online, usable: 400_000 };
    expect(used(before)).toBe(online - 300_000);
    expect(knownAfter([before, after], { fallTime: 1 }).used).toBeCloseTo(online - 400_000, -4);
  });

  test('has nothing outside of a total that is a little more than the balloon leaves', () => {
    expect(used({ time: 0, current: 500_000, available: 500_100, usable: 300_000 })).toBe(
      500_100 - 300_000,
    );
  });

  describe('of a guest that counts the balloon as its own', () => {
    const own = { available: MEMORY, usable: 300_000 };

    test('is what the balloon leaves and cannot be freed', () => {
      expect(used({ time: 0, ...own, current: 500_000 })).toBe(500_000 - 300_000);
    });

    test.each([
      ['grew', 500_000, 600_000],
      ['shrank', 600_000, 500_000],
    ])('is by the less that the balloon has left, as it %s since the report', (_, first, then) => {
      const before = { time: 0, ...own, current: first, usable: first };
      expect(used(before, { time: 5, ...own, current: then })).toBe(500_000 - 300_000);
    });

    test('is not less than nothing', () => {
      expect(used({ time: 0, ...own, current: 200_000 })).toBe(0);
    });
  });

  test('is no more than its memory', () => {
    const before = { time: 0, current: 900_000, available: 800_000 };
    const full = { time: 5, current: MEMORY, available: MEMORY - 50_000, usable: 0 };
    expect(used(before, full)).toBe(MEMORY);
  });
});

describe('a guest that swaps in', () => {
  const missing = (...rounds: Seen[]): number | undefined => knownAfter(rounds).missing;
  /** What a full guest is thought to lack at first. */
  const FIRST = 0.03 * MEMORY;
  const full = { used: 500_000 };

  test.each([
    ['swap_rate', swapRate, FIRST],
    ['a little less', swapRate - 0.1, 0],
  ])('counts as starving at %s', (_, rate, lack) => {
    const after = { time: 10, ...full, swapIn: 10 * rate };
    expect(missing({ time: 0, ...full, swapIn: 0 }, after)).toBe(lack);
  });

  test('counts as starving at swap_rate between its reports, also if each is seen late', () => {
    const before = { time: 9, reportedAt: 1, ...full, swapIn: 0 };
    const after = { time: 19, reportedAt: 11, ...full, swapIn: 10 * swapRate };
    expect(missing(before, after)).toBe(FIRST);
  });

  test('lacks what it has swapped out and not in again', () => {
    const rounds = [
      { time: 0, swapIn: 0, swapOut: 0 },
      { time: 10, swapIn: 0, swapOut: 100_000 },
      { time: 20, swapIn: 30_000, swapOut: 100_000 },
    ];
    expect(missing(...rounds)).toBe(100_000 - 30_000);
    // It swapped out some of this before anything was known of it.
    const more = { time: 30, swapIn: 120_000, swapOut: 100_000 };
    const again = { time: 40, swapIn: 126_000, swapOut: 150_000 };
    expect(missing(...rounds, more)).toBe(0);
    expect(missing(...rounds, more, again)).toBe(50_000 - 6000);
  });

  test('lacks no more than its memory', () => {
    const before = { time: 0, swapIn: 0, swapOut: 0 };
    expect(missing(before, { time: 10, swapIn: 10_000, swapOut: 5 * MEMORY })).toBe(MEMORY);
  });

  const fromUnknownDepths = (reports: number, more: object = full): Seen[] =>
    Array.from({ length: reports + 1 }, (_, index) => ({
      time: 10 * index,
      swapOut: 0,
      swapIn: 10_000 * index,
      ...more,
    }));

  test('is thought to lack half as much again at each report if it is not known what it swapped out', () => {
    expect([1, 2, 3].map((reports) => missing(...fromUnknownDepths(reports)))).toEqual([
      FIRST,
      FIRST * 1.5,
      FIRST * 1.5 * 1.5,
    ]);
    expect(missing(...fromUnknownDepths(20))).toBe(MEMORY);
  });

  test('and has room for it lacks nothing', () => {
    expect(missing(...fromUnknownDepths(3, { used: 400_000 }))).toBe(0);
  });

  test('counts as starving for 20 s', () => {
    const swaps = [
      { time: 0, swapIn: 0, swapOut: 0 },
      { time: 10, swapIn: 30_000, swapOut: 100_000 },
    ];
    const quiet = { swapIn: 30_000, swapOut: 100_000 };
    expect(missing(...swaps, { time: 29, ...quiet })).toBe(70_000);
    expect(missing(...swaps, { time: 30, ...quiet })).toBe(0);
  });
});

describe('a guest whose counters begin again', () => {
  const before = { used: 400_000, swapIn: 50, swapOut: 50_000, majorFaults: 50 };
  const rounds = [
    { time: 0, ...before, swapOut: 0 },
    { time: 5, ...before },
  ];
  const used = (after: object) => knownAfter([...rounds, { time: 10, used: 100_000, ...after }]);

  test.each([
    ['memory swapped in', { swapIn: 49, swapOut: 50_000, majorFaults: 50 }],
    ['memory swapped out', { swapIn: 50, swapOut: 49_999, majorFaults: 50 }],
    ['major faults', { swapIn: 50, swapOut: 50_000, majorFaults: 49 }],
  ])(
    'has rebooted, as by its %s, and what it used and lacked before is forgotten',
    (_, counters) => {
      expect(used(counters)).toMatchObject({ used: 100_000, expected: 100_000 });
      const now = { time: 10, used: 300_000, ...counters };
      const swaps = { time: 20, used: 300_000, ...counters, swapIn: counters.swapIn + 10_000 };
      expect(knownAfter([...rounds, now, swaps]).missing).toBe(0);
    },
  );

  test('has done so only if it reports them, as what is not reported is not 0', () => {
    const left = 100_000 + 300_000 * Math.exp(-5 / fallTime);
    expect(used({}).used).toBeCloseTo(left, -1);
    expect(used({ swapOut: 50_000 }).used).toBeCloseTo(left, -1);
  });

  test('has not done so with its first counters', () => {
    const silent = { time: 0, used: 400_000 };
    const first = { time: fallTime, used: 100_000, swapIn: 7, swapOut: 7, majorFaults: 7 };
    expect(knownAfter([silent, first]).used).toBeCloseTo(100_000 + 300_000 * THIRD, -1);
  });
});

describe('page cache that a guest reads again', () => {
  const warm = (...rounds: Seen[]): number | undefined => knownAfter(rounds).warm;
  const caches = 50_000;
  const reading = (faults: number, more: Partial<Seen> = {}): [Seen, Seen] => [
    { time: 0, diskCaches: caches, majorFaults: 100, swapIn: 0, ...more },
    { time: 10, diskCaches: caches, majorFaults: 100 + faults, swapIn: 0, ...more },
  ];
  /** Faults in 10 s at `refault_rate`. */
  const atRate = (10 * refaultRate) / PAGE;
  const LEAST = 0.02 * MEMORY;

  test.each([
    ['refault_rate', atRate, caches + LEAST],
    ['a little less', atRate - 1, 0],
  ])('is needed from refault_rate on: at %s', (_, faults, needed) => {
    expect(warm(...reading(faults))).toBe(needed);
  });

  test('is needed as far as it is left, and as much more as was read again', () => {
    expect(warm(...reading(10_000))).toBe(caches + 10_000 * PAGE);
  });

  test('is needed beyond what it uses and the headroom', () => {
    const { need, used = 0 } = knownAfter(reading(10_000));
    expect(need).toBeCloseTo(used * (1 + headroom) + caches + 10_000 * PAGE, 0);
  });

  test('is none of what was swapped in, each page of which is a major fault too', () => {
    const [before, after] = reading(10_000);
    expect(warm(before, { ...after, swapIn: 10_000 * PAGE })).toBe(0);
  });

  test('was not taken from a guest that has all of its memory', () => {
    expect(warm(...reading(10_000, { current: MEMORY }))).toBe(0);
  });

  test('is no more than its memory has room for beside what it uses', () => {
    const more = { current: 900_000, used: 300_000, diskCaches: 500_000 };
    expect(warm(...reading(100_000, more))).toBe(MEMORY - 300_000);
  });

  test('is forgotten by two thirds in warm_time, and then tried again', () => {
    const rounds = reading(10_000);
    const later = { ...rounds[1], time: 10 + warmTime };
    const needed = caches + 10_000 * PAGE;
    expect(warm(...rounds, later)).toBeCloseTo(needed * THIRD, -1);
  });
});
