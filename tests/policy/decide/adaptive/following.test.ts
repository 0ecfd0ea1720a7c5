import { describe, expect, test } from '@jest/globals';
import { adaptiveDefaults } from '../../../../src/policy/decide/adaptive/parameters.ts';
import { decidedAfter, type Given, play, type Round } from './given.ts';

const HOST = 10_000_000;
const MEMORY = 1_000_000;
const { stuckAfter, retryAfter, deadBand, leastKept, goal } = adaptiveDefaults;
const short = HOST * 0.1;

describe('a balloon that is asked to shrink', () => {
  const from = (currents: readonly number[], more: Given & { seconds?: number } = {}): Round[] => {
    const { seconds = 5, ...given } = more;
    return currents.map((current, index) => ({
      time: seconds * index,
      available: short,
      vms: [{ current, used: 200_000, ...given }],
    }));
  };

  test('is not asked again for the same while it is on its way', () => {
    const { vm } = decidedAfter(from([500_000, 500_000]));
    expect(vm?.target).toBeUndefined();
    expect(vm?.reason).toMatchObject({ rule: 'rest', bound: 'on-its-way' });
    const least = 420_000;
    const { vm: near } = decidedAfter(from([500_000, 470_000], { used: least - leastKept }));
    expect(near?.target).toBeUndefined();
    expect(near?.reason).toMatchObject({ bound: 'asked-already', inputs: { asked: least } });
    const same = from([500_000, 470_000], { used: least - leastKept });
    expect(decidedAfter(same, { deadBand: 0 })['vm']?.reason.bound).toBe('asked-already');
  });

  test('is asked anew if something else has moved it meanwhile, as its guest has rebooted', () => {
    const { vm } = decidedAfter(from([500_000, 480_000, 700_000]));
    expect(vm).toMatchObject({ target: 600_000, reason: { rule: 'host-short', bound: 'step' } });
    expect(vm?.reason.inputs).not.toHaveProperty('asked');
  });

  test('is stuck after stuck_after without progress, and not if it has moved in that time', () => {
    const seconds = stuckAfter / 2;
    const still = from([500_000, 500_000, 500_000], { seconds });
    const moving = from([500_000, 500_000, 490_000, 490_000], { seconds });
    expect(decidedAfter(still)['vm']?.reason.rule).toBe('stuck');
    expect(decidedAfter(moving)['vm']?.reason.rule).not.toBe('stuck');
  });

  test('is asked again after a minute, then two, up to ten, and the explanation says when', () => {
    const seconds = 5;
    const rounds = from(
      Array.from({ length: 600 }, () => 500_000),
      { seconds },
    );
    const waits = play(rounds).flatMap(({ decisions: [one] }, index, all) => {
      const isFirst = all[index - 1]?.decisions[0]?.reason.rule !== 'stuck';
      return one?.reason.rule === 'stuck' && isFirst ? [one.reason.inputs] : [];
    });
    expect(waits.slice(0, 6)).toEqual(
      [1, 2, 4, 8, 10, 10].map((minutes) => ({
        current: 500_000,
        askedAgainInSeconds: minutes * retryAfter,
      })),
    );
  });
});

describe('a balloon that is asked for a guarantee', () => {
  const asked = (...rounds: readonly (readonly [time: number, current: number, floor: number])[]) =>
    decidedAfter(
      rounds.map(([time, current, floor]) => ({
        time,
        available: HOST * goal,
        vms: [{ current, floor, used: current }],
      })),
      { headroom: 0 },
    )['vm'];

  test('is not asked again for the same while it is on its way', () => {
    const found = asked([0, 500_000, 600_000], [5, 500_000, 600_000]);
    expect(found?.target).toBeUndefined();
    expect(found?.reason).toMatchObject({
      rule: 'guarantee',
      bound: 'asked-already',
      inputs: { asked: 600_000 },
    });
  });

  test('is asked for a higher one, however little that is more', () => {
    const more = 600_000 + (MEMORY * deadBand) / 8;
    expect(asked([0, 500_000, 600_000], [5, 600_000, more])?.target).toBe(more);
  });

  test('is asked to grow to its memory after that, however little that is more', () => {
    const near = MEMORY - (MEMORY * deadBand) / 8;
    const vms = [{ current: near, floor: near, used: 200_000 }];
    const rounds = [
      { time: 0, available: HOST / 2, vms: [{ ...vms[0], current: 900_000 }] },
      { time: 5, available: HOST / 2, vms },
    ];
    expect(decidedAfter(rounds)['vm']).toMatchObject({
      target: MEMORY,
      reason: { rule: 'relief' },
    });
  });

  test('is stuck by the time since it was first asked, also if the guarantee has risen since', () => {
    const half = stuckAfter / 2;
    const found = asked(
      [0, 500_000, 600_000],
      [half, 500_000, 700_000],
      [2 * half, 500_000, 700_000],
    );
    expect(found?.reason.rule).toBe('stuck');
  });
});

test('a balloon that is asked to come back has as long for that, before it is stuck', () => {
  const vm = (floor: number): Given => ({ current: 500_000, floor, used: 200_000 });
  const [first, back] = [vm(100_000), vm(600_000)];
  const rounds = [
    { time: 0, available: short, vms: [first] },
    { time: stuckAfter - 5, available: short, vms: [back] },
    { time: stuckAfter, available: short, vms: [back] },
    { time: 2 * stuckAfter - 6, available: short, vms: [back] },
  ];
  for (const last of [2, 3, 4]) {
    expect(decidedAfter(rounds.slice(0, last))['vm']?.reason.rule).toBe('guarantee');
  }
  const late = { time: 2 * stuckAfter - 5, available: short, vms: [back] };
  expect(decidedAfter([...rounds, late])['vm']?.reason.rule).toBe('stuck');
});

test('a target differs from the last one by a quarter of the dead_band at least, but for a guarantee and all of the memory', () => {
  const least = 420_000;
  const moved = (by: number): Given => ({ current: 500_000, used: least - leastKept + by });
  const rounds = (by: number) => [
    { time: 0, available: short, vms: [moved(0)] },
    {
      time: 5,
      available: short,
      vms: [{ ...moved(by), current: 470_000, usable: 470_000 - (least - leastKept + by) }],
    },
  ];
  const quarter = (MEMORY * deadBand) / 4;
  // What rises may rise as much again.
  expect(decidedAfter(rounds(quarter / 2 - 4))['vm']?.target).toBeUndefined();
  expect(decidedAfter(rounds(quarter / 2))['vm']?.target).toBe(least + quarter);
});
