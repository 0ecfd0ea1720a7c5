import { describe, expect, test } from '@jest/globals';
import { decidedAfter, type Given, knownAfter } from './given.ts';

const OUTSIDE = [-1, NaN, Infinity];
const decided = (given: Given) => decidedAfter([{ time: 0, available: 0, vms: [given] }])['vm'];
const known = (given: Given) => knownAfter([{ time: 0, ...given }]);

describe('a figure outside its range counts as not reported', () => {
  test.each([
    ['memory', 'memory-unknown', [...OUTSIDE, 0, undefined]],
    ['floor', 'guarantee-unknown', OUTSIDE],
    ['current', 'current-unknown', [...OUTSIDE, 0]],
  ] as const)('and a guest without %s is left alone: %s', (figure, rule, values) => {
    for (const value of values) {
      expect(decided({ [figure]: value })).toEqual({ name: 'vm', reason: { rule, inputs: {} } });
    }
  });

  test('as is what a guest can do without that is more than its total', () => {
    const report = { available: 500_000, unused: 200_000, diskCaches: 0 };
    expect(known({ ...report, usable: 500_001 }).free).toBe(200_000);
    expect(known({ ...report, usable: 500_000 }).free).toBe(500_000);
    expect(known({ ...report, usable: -1 }).free).toBe(200_000);
  });

  test('as is a total of more than the memory', () => {
    const given = { current: 1_000_000, usable: 300_000, available: 1_000_001 };
    expect(known(given).used).toBe(1_000_000 - 300_000);
  });

  test('as are counters, of which the next ones show nothing', () => {
    const rounds = OUTSIDE.map((swapIn) => [
      { time: 0, used: 500_000, swapIn },
      { time: 10, used: 500_000, swapIn: 500_000 },
    ]);
    for (const each of rounds) expect(knownAfter(each).missing).toBe(0);
  });

  test('as is a weight of nothing or less', () => {
    for (const weight of [0, -1, NaN, undefined]) expect(known({ weight }).weight).toBe(1);
    expect(known({ weight: 0.5 }).weight).toBe(0.5);
  });
});

describe('a guest that does not report what is usable', () => {
  const free = (more: Given) => known({ usable: undefined, ...more }).free;

  test('can do without what is unused and half of its page cache, some of which is shared memory', () => {
    expect(free({ unused: 200_000, diskCaches: 100_000 })).toBe(200_000 + 100_000 / 2);
  });

  test('can do without no more than its total', () => {
    expect(free({ unused: 400_000, diskCaches: 400_000 })).toBe(500_000);
  });

  test.each<[string, Given]>([
    ['nothing of it', {}],
    ['a total of 0', { available: 0, unused: 0 }],
    ['no time yet', { reportedAt: -1000, unused: 200_000 }],
  ])('and has %s to say has no statistics', (_, more) => {
    const { reason } = decided({ usable: undefined, ...more }) ?? {};
    expect(reason).toMatchObject({ rule: 'rest', bound: 'statistics-missing' });
  });
});

test('a guarantee beyond the memory is all of it', () => {
  expect(decided({ floor: 1_000_001 })?.target).toBe(1_000_000);
});
