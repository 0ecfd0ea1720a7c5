import { describe, expect, test } from '@jest/globals';
import { adaptiveDefaults } from '../../../../src/policy/decide/adaptive/parameters.ts';
import { type Given, hostAfter, knownAfter, type Round } from './given.ts';

const { goal, margin, grantTime } = adaptiveDefaults;
const HOST = 10_000_000;
/** What the host has beyond its goal and the margin. */
const SPARE = 1_000_000;
const spared = HOST * (goal + margin) + SPARE;

describe('what a guest can do without', () => {
  const report = { reportedAt: 5, available: 500_000, usable: 250_000 };
  const before = { time: 0, current: 500_000, usable: 300_000 };
  const reported = { time: 5, ...report, current: 450_000 };

  test('is what it reports as free, less what was taken in the same round, as the report may be older', () => {
    expect(knownAfter([before, reported]).free).toBe(250_000 - 50_000);
  });

  test('is after that what it last reported, less all that was taken since', () => {
    const later = [430_000, 400_000].map((current, index) => ({
      time: 10 + 5 * index,
      ...report,
      current,
    }));
    expect(knownAfter([before, reported, ...later]).free).toBe(250_000 - (500_000 - 400_000));
  });

  test('is no more because it was given memory since', () => {
    expect(knownAfter([before, { ...reported, current: 600_000 }]).free).toBe(250_000);
  });

  test('is not less than nothing', () => {
    expect(knownAfter([before, { ...reported, current: 200_000 }]).free).toBe(0);
  });
});

describe('memory that was left to a guest and never touched counts as gone', () => {
  /** What the guest may touch at any time, as the host does not let others grow into it. */
  const untouched = (...vms: Given[]): number => {
    const rounds = vms.map((given, index) => ({
      time: 5 * index,
      available: spared,
      vms: [{ floor: 0, memory: 500_000, ...given }],
    }));
    return SPARE - (hostAfter(rounds)['forAll'] ?? NaN);
  };

  test('which is what the balloon leaves beyond what it occupies of the host', () => {
    expect(untouched({ current: 500_000, resident: 350_000 })).toBe(500_000 - 350_000);
  });

  test('which without a figure of the host is what it never used', () => {
    const ever = { current: 500_000, unused: 300_000, usable: 400_000 };
    expect(untouched(ever)).toBe(300_000);
    expect(untouched(ever, { ...ever, unused: 350_000 })).toBe(300_000);
    expect(untouched(ever, { ...ever, unused: 200_000 })).toBe(200_000);
  });

  test('which by a report of what is usable alone is that', () => {
    expect(untouched({ current: 500_000, usable: 300_000 })).toBe(300_000);
  });

  test('which is nothing once the balloon has taken all of it', () => {
    const used = { current: 500_000, unused: 300_000, usable: 300_000 };
    expect(untouched(used, { current: 150_000, unused: 150_000, usable: 150_000 })).toBe(0);
  });

  test('which by a report of more than the balloon leaves is no more than that', () => {
    const own = { available: 500_000, usable: 450_000, unused: 450_000 };
    expect(untouched({ current: 400_000, ...own })).toBe(400_000);
  });

  test('which is nothing of a guest of which nothing is known', () => {
    expect(untouched({ available: undefined, usable: undefined })).toBe(0);
  });

  test('which is still known of a guest that has stopped to report', () => {
    const used = { current: 500_000, unused: 300_000 };
    expect(untouched(used, { ...used, reportedAt: 0, usable: undefined })).toBe(300_000);
  });
});

describe('memory that was given to a guest counts as about to be touched', () => {
  const GIVEN = 200_000;
  /** A guarantee that is raised gives the guest memory, which it then touches so much of. */
  const awaited = (seconds: number, touched: number, more: Given = {}): number => {
    const usual = { current: 500_000, resident: 500_000, ...more };
    const grown = { ...usual, current: 500_000 + GIVEN, floor: 500_000 + GIVEN };
    const resident =
      more.resident === undefined && 'resident' in more ? {} : { resident: 500_000 + touched };
    const rounds: Round[] = [
      { time: 0, available: HOST * goal, vms: [usual] },
      { time: 5, available: spared, vms: [{ ...usual, floor: grown.floor }] },
      { time: 5 + seconds, available: spared, vms: [{ ...grown, ...resident }] },
    ];
    return SPARE - (hostAfter(rounds)['forNeed'] ?? NaN);
  };

  test('by two thirds less after grant_time', () => {
    expect(awaited(grantTime, 0)).toBeCloseTo(GIVEN / Math.E, 0);
  });

  test('until it has touched it', () => {
    expect(awaited(1, 150_000)).toBe(50_000);
    expect(awaited(1, GIVEN)).toBe(0);
  });

  test('also if it is not known what it touches', () => {
    const unknown = { resident: undefined, available: undefined, usable: undefined };
    expect(awaited(grantTime, 0, unknown)).toBeCloseTo(GIVEN / Math.E, 0);
  });

  test('and all of it while the balloon has not arrived, and after that as if it had at once', () => {
    const usual = { current: 500_000, resident: 500_000, floor: 500_000 + GIVEN };
    const rounds = [0, 5, 10].map((time) => ({ time, available: spared, vms: [usual] }));
    const left = (all: readonly Round[]) => SPARE - (hostAfter(all)['forNeed'] ?? NaN);
    expect(left(rounds)).toBe(GIVEN);
    const arrived = { ...usual, current: usual.floor };
    const late = { time: grantTime, available: spared, vms: [arrived] };
    expect(left([...rounds, late])).toBeCloseTo(GIVEN / Math.E, 0);
  });
});
