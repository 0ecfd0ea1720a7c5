import { describe, expect, test } from '@jest/globals';
import { adaptiveDefaults } from '../../../../src/policy/decide/adaptive/parameters.ts';
import { decidedAfter, type Given, knownAfter, type Seen } from './given.ts';

const MEMORY = 1_000_000;
const { headroom, keep, leastKept, staleAfter, goal } = adaptiveDefaults;

describe('what a guest is never asked for', () => {
  const bare = (given: Given) => knownAfter([{ time: 0, ...given }]).bare;

  test('is what it uses and a twentieth more', () => {
    expect(bare({ current: 900_000, used: 800_000 })).toBe(800_000 * (1 + keep));
  });

  test('is what it uses and 32 MiB more, if that is more', () => {
    expect(bare({ used: 200_000 })).toBe(200_000 + leastKept);
  });

  test('is its guarantee, if that is more', () => {
    expect(bare({ used: 200_000, floor: 400_000 })).toBe(400_000);
  });

  test('is no more than its memory', () => {
    expect(bare({ current: MEMORY, used: 990_000 })).toBe(MEMORY);
  });

  test('is less on a host below its goal, by as much as that has less', () => {
    const kept = (share: number) => {
      const available = 10_000_000 * goal * share;
      const given = { current: 900_000, used: 800_000 };
      return decidedAfter([{ time: 0, available, vms: [given] }])['vm']?.reason.inputs['bare'];
    };
    expect(kept(0.9)).toBe(800_000 * (1 + keep * 0.9));
    expect(kept(1)).toBe(800_000 * (1 + keep));
    expect(kept(2)).toBe(800_000 * (1 + keep));
  });
});

describe('what a guest needs', () => {
  const need = (...rounds: Seen[]) => knownAfter(rounds).need;

  test('is what it uses and a fifth more', () => {
    expect(need({ time: 0, used: 300_000 })).toBe(300_000 * (1 + headroom));
  });

  test('is what it uses and lacks, and a fifth more', () => {
    const swaps = { time: 10, used: 300_000, swapIn: 10_000, swapOut: 110_000 };
    const rounds = [{ time: 0, used: 300_000, swapIn: 0, swapOut: 0 }, swaps];
    expect(need(...rounds)).toBe((300_000 + 100_000) * (1 + headroom));
  });

  test('is not less than what it is never asked for', () => {
    expect(need({ time: 0, used: 100_000 })).toBe(100_000 + leastKept);
  });

  test('is no more than its memory', () => {
    expect(need({ time: 0, current: 900_000, used: 890_000 })).toBe(MEMORY);
  });

  test('counts what rises rapidly as rising as much again, unless there is room for that', () => {
    const risenTo = (used: number) => need({ time: 0, used: used - 50_000 }, { time: 5, used });
    expect(risenTo(470_000)).toBe((470_000 + 50_000) * (1 + headroom));
    expect(risenTo(416_000)).toBe(416_000 * (1 + headroom));
  });
});

describe('statistics', () => {
  const bound = (...rounds: Seen[]) =>
    decidedAfter(rounds.map(({ time, ...given }) => ({ time, vms: [given] })))['vm']?.reason.bound;

  test('are stale once they are older than stale_after', () => {
    const report = { reportedAt: 0 };
    expect(bound({ time: staleAfter, ...report })).toBeUndefined();
    expect(bound({ time: staleAfter + 1, ...report })).toBe('statistics-stale');
  });

  test('with a time ahead of the host are stale once they were seen longer ago than that', () => {
    const report = { reportedAt: 500 };
    const first = { time: 0, ...report };
    expect(bound(first, { time: staleAfter, ...report })).toBeUndefined();
    expect(bound(first, { time: staleAfter + 1, ...report })).toBe('statistics-stale');
  });

  test('are missing of a guest that has reported none, or none any more', () => {
    const none = { reportedAt: undefined, usable: undefined };
    expect(bound({ time: 0, ...none })).toBe('statistics-missing');
    expect(bound({ time: 0 }, { time: 5, ...none })).toBe('statistics-missing');
  });

  test('that are not fresh say nothing of what the guest uses, and leave it what it has', () => {
    const known = knownAfter([{ time: staleAfter + 1, reportedAt: 0 }]);
    expect(known).toEqual({
      current: 500_000,
      floor: 500_000,
      memory: MEMORY,
      part: 500_000,
      weight: 1,
    });
  });
});
