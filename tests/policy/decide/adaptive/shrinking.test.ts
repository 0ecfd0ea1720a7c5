import { describe, expect, test } from '@jest/globals';
import { adaptiveDefaults } from '../../../../src/policy/decide/adaptive/parameters.ts';
import { decidedAfter, type Given, type Settings } from './given.ts';

const HOST = 10_000_000;
const MEMORY = 1_000_000;
const { headroom, leastKept } = adaptiveDefaults;
const goal = HOST * adaptiveDefaults.goal;
const margin = HOST * adaptiveDefaults.margin;
const deadBand = MEMORY * adaptiveDefaults.deadBand;
const step = MEMORY * adaptiveDefaults.step;
const unfairness = MEMORY * adaptiveDefaults.unfairness;

/** A VM that has touched all that it has. */
const having = (current: number, more: Given = {}): Given => ({
  current,
  resident: current,
  used: 200_000,
  ...more,
});
const decided = (available: number, vms: readonly Given[], settings?: Settings) =>
  decidedAfter([{ time: 0, available, vms }], settings);

describe('below its goal a host gets from guests what they have beyond their parts', () => {
  /** A host that lacks so much of its goal and the margin. */
  const lacking = (shortfall: number, vms: readonly Given[], settings?: Settings) =>
    decided(goal + margin - shortfall, vms, settings);

  test('from each the same if they are equal', () => {
    const { vm, other } = lacking(150_000, [having(500_000), having(500_000, { name: 'other' })]);
    for (const one of [vm, other]) {
      expect(one).toMatchObject({ target: 500_000 - 75_000, reason: { rule: 'host-short' } });
      expect(one?.reason).not.toHaveProperty('bound');
    }
  });

  test('from the one that has more than its part, and no more than the host lacks', () => {
    const rich = having(500_000);
    const poor = having(300_000, { name: 'poor' });
    const { vm, poor: other } = lacking(150_000, [rich, poor], { step: 0.2 });
    expect(vm?.target).toBe(500_000 - 150_000);
    expect(other?.target).toBeUndefined();
  });

  test('in proportion to what they have beyond it', () => {
    const poor = having(200_000, { name: 'poor', used: 100_000 });
    const given = [having(900_000), having(700_000, { name: 'other' }), poor];
    const { vm, other } = lacking(400_000, given, { step: 1 });
    const need = 200_000 * (1 + headroom);
    const whole = 900_000 + 700_000 + 200_000 - 400_000;
    const part = need + (whole - need - need - (100_000 + leastKept)) / 3;
    const excess = [900_000 - part, 700_000 - part] as const;
    const share = 400_000 / (excess[0] + excess[1]);
    expect(share).toBeLessThan(1);
    expect(vm?.target).toBeCloseTo(900_000 - excess[0] * share, -1);
    expect(other?.target).toBeCloseTo(700_000 - excess[1] * share, -1);
  });

  test('by a tenth of their memory a round at most', () => {
    const { vm } = lacking(MEMORY, [having(900_000)]);
    expect(vm).toMatchObject({ target: 900_000 - step, reason: { bound: 'step' } });
  });

  test('down to the guarantee at most', () => {
    const { vm } = lacking(MEMORY, [having(900_000, { floor: 850_000 })]);
    expect(vm).toMatchObject({ target: 850_000, reason: { bound: 'guarantee' } });
  });

  test('down to a little more than they use at most', () => {
    const available = goal - 1;
    const used = 450_000;
    const keeps = Math.floor((used + leastKept) / 4) * 4;
    const { vm } = decidedAfter([{ time: 0, available, vms: [having(500_000, { used })] }]);
    expect(vm).toMatchObject({ target: keeps, reason: { bound: 'used' } });
  });

  test('by no more than was reported as free, also if the guest was given more since', () => {
    const report = { available: 500_000, usable: 250_000 };
    const rounds = [500_000, 600_000].map((current, index) => ({
      time: 5 * index,
      available: 0,
      vms: [{ ...having(current), ...report }],
    }));
    expect(decidedAfter(rounds, { step: 1 })['vm']?.target).toBe(600_000 - 250_000);
  });

  test('by changes of a quarter of the dead_band and more', () => {
    const freeable = (more: number): Given =>
      having(500_000, { used: 500_000 - leastKept - deadBand / 4 - more });
    const settings = { keep: 0 };
    expect(lacking(MEMORY, [freeable(0)], settings)['vm']?.target).toBeUndefined();
    expect(lacking(MEMORY, [freeable(4)], settings)['vm']?.target).toBe(500_000 - deadBand / 4 - 4);
  });

  test('and nothing from a guest whose statistics are not fresh', () => {
    const silent = having(900_000, { name: 'silent', usable: undefined });
    const stale = having(900_000, { name: 'stale', reportedAt: -31 });
    const { vm, silent: none, stale: old } = lacking(MEMORY, [having(900_000), silent, stale]);
    expect(vm?.target).toBe(900_000 - step);
    expect(none).toMatchObject({ reason: { rule: 'rest', bound: 'statistics-missing' } });
    expect(old).toMatchObject({ reason: { rule: 'rest', bound: 'statistics-stale' } });
    expect([none?.target, old?.target]).toEqual([undefined, undefined]);
  });
});

test('a guest that has more than it needs while nobody lacks memory rests, and nothing limits it', () => {
  const { vm } = decided(goal, [having(500_000)]);
  expect(vm?.reason).toMatchObject({ rule: 'rest' });
  expect(vm?.reason).not.toHaveProperty('bound');
});

describe('on a host with its goal, guests give what others lack', () => {
  const busy = having(500_000, { used: 480_000 });
  const lack = 480_000 * (1 + headroom) - 500_000;
  const givers = (count: number): Given[] =>
    Array.from({ length: count }, (_, index) =>
      having(900_000, { name: `giver ${String(index)}` }),
    );

  test('and no more', () => {
    const found = decided(goal, [busy, ...givers(1)]);
    expect(found['giver 0']).toMatchObject({
      target: 900_000 - lack,
      reason: { rule: 'for-others' },
    });
  });

  test('by twice the dead_band and more', () => {
    expect(lack / 3).toBeGreaterThan(2 * deadBand);
    expect(decided(goal, [busy, ...givers(3)])['giver 0']?.target).toBeDefined();
    expect(lack / 4).toBeLessThan(2 * deadBand);
    expect(decided(goal, [busy, ...givers(4)])['giver 0']?.target).toBeUndefined();
  });

  test('by half the dead_band and more while one of them swaps', () => {
    const full = having(500_000, { name: 'full', used: 500_000, swapIn: 0, swapOut: 0 });
    const swapping = { ...full, swapIn: 10_000, swapOut: 110_000 };
    // It gets what it lacks out of what the host has below its goal, and its headroom from others.
    const itsHeadroom = 600_000 * headroom - leastKept;
    const taken = (count: number) =>
      decidedAfter([
        { time: 0, vms: [full, busy, ...givers(count)] },
        { time: 10, available: goal, vms: [swapping, busy, ...givers(count)] },
      ])['giver 0']?.target;
    const most = Math.floor((lack + itsHeadroom) / (deadBand / 2));
    expect(taken(most)).toBeCloseTo(900_000 - (lack + itsHeadroom) / most, -1);
    expect(taken(most + 1)).toBeUndefined();
  });
});

describe('while nobody lacks memory, a guest with far more than its fair part', () => {
  /** The step by which it gives that up. */
  const gentle = step / 5;

  test('gives a fifth of a step a round if another one has far less', () => {
    const part = (900_000 + 300_000) / 2;
    expect(900_000 - part).toBeGreaterThan(unfairness);
    const { rich, poor } = decided(goal, [
      having(900_000, { name: 'rich' }),
      having(300_000, { name: 'poor' }),
    ]);
    expect(rich).toMatchObject({
      target: 900_000 - gentle,
      reason: { rule: 'fairness', bound: 'step', inputs: { part } },
    });
    expect(poor?.target).toBeUndefined();
  });

  test('keeps it if no other one has less by more than unfairness', () => {
    const [rich, poor] = [having(900_000), having(900_000 - 2 * unfairness, { name: 'poor' })];
    expect(decided(goal, [rich, poor])['vm']?.reason.rule).toBe('rest');
    const poorer = having(900_000 - 2 * unfairness - 4, { name: 'poor' });
    expect(decided(goal, [rich, poorer])['vm']?.reason.rule).toBe('fairness');
    const others = ['b', 'c'].map((name) => having(550_000, { name }));
    const part = (MEMORY + 550_000 + 550_000) / 3;
    expect(MEMORY - part).toBeGreaterThan(unfairness);
    expect(part - 550_000).toBeLessThan(unfairness);
    expect(decided(goal, [having(MEMORY), ...others])['vm']?.reason).toEqual(
      expect.objectContaining({ rule: 'rest' }),
    );
  });

  test('keeps it if it is not more by unfairness, though another one has less by that', () => {
    const [one, other] = [having(700_000), having(700_000, { name: 'other' })];
    const poor = having(300_000, { name: 'poor' });
    const part = (700_000 + 700_000 + 300_000) / 3;
    expect(part - 300_000).toBeGreaterThan(unfairness);
    expect(decided(goal, [one, other, poor])['vm']?.reason.rule).toBe('rest');
  });

  test('keeps it if its fair part is that by weight', () => {
    const [heavy, light] = [having(900_000, { weight: 10 }), having(300_000, { name: 'poor' })];
    expect(decided(goal, [heavy, light])['vm']?.reason.rule).toBe('rest');
  });
});

describe('a slow balloon', () => {
  const { patience } = adaptiveDefaults;
  const SLOW = 10_000;
  const LACK = 400_000;
  const available = goal + margin - LACK;
  const rounds = (...currents: number[]) =>
    currents.map((current, index) => ({ time: 5 * index, available, vms: [having(current)] }));

  test('gives what it will have given in six rounds, and others at once the rest', () => {
    const current = 900_000 - SLOW;
    const floor = current - patience * SLOW;
    const other = { name: 'other' };
    const { vm, other: quick } = decidedAfter([
      { time: 0, available, vms: [having(900_000), having(900_000, other)] },
      { time: 5, available, vms: [having(current), having(900_000 - step, other)] },
    ]);
    expect(vm?.reason.inputs['floor']).toBe(floor);
    const whole = current + 900_000 - step - LACK;
    const need = 200_000 * (1 + headroom);
    expect(quick?.reason.inputs['part']).toBe(need + (whole - floor - need) / 2);
  });

  test('is thought to give 1 MiB in six rounds at least', () => {
    const { vm } = decidedAfter(rounds(900_000, 900_000));
    expect(vm?.reason.inputs['floor']).toBe(900_000 - 1024);
  });

  test('is not slow within 4 MiB of its target', () => {
    const near = 900_000 - step + 4096;
    expect(decidedAfter(rounds(900_000, near))['vm']?.reason.inputs['floor']).toBe(100_000);
    expect(decidedAfter(rounds(900_000, near + 4))['vm']?.reason.inputs['floor']).not.toBe(100_000);
  });
});
