import { describe, expect, test } from '@jest/globals';
import { adaptiveDefaults } from '../../../../src/policy/decide/adaptive/parameters.ts';
import { decidedAfter, type Given, type Round, type Settings } from './given.ts';

const HOST = 10_000_000;
const MEMORY = 1_000_000;
const { headroom, leastKept } = adaptiveDefaults;
const goal = HOST * adaptiveDefaults.goal;
const reserve = HOST * adaptiveDefaults.reserve;
const margin = HOST * adaptiveDefaults.margin;
const deadBand = MEMORY * adaptiveDefaults.deadBand;
const step = MEMORY * adaptiveDefaults.step;

/** What is asked for in a round, by VM. */
const decided = (available: number, vms: readonly Given[], settings?: Settings) =>
  decidedAfter([{ time: 0, available, vms }], settings);

/** A VM that has touched all it has. */
const idle: Given = { current: 500_000, resident: 500_000, used: 200_000 };
/** One that uses all it has, and swaps in part of this by the next round. */
const full: Given = { current: 500_000, resident: 500_000, used: 500_000, swapIn: 0, swapOut: 0 };
const LACK = 100_000;
const swapping: Given = { ...full, swapIn: 10_000, swapOut: 10_000 + LACK };
/** What it gets at once: what it has and lacks, and the least that a guest keeps beyond that. */
const ENOUGH = 500_000 + LACK + leastKept;

/** Two rounds, between which the VMs come to be as they are then. */
const turned = (available: number, pairs: readonly (readonly [Given, Given])[]): Round[] => [
  { time: 0, available: goal, vms: pairs.map(([before]) => before) },
  { time: 10, available, vms: pairs.map(([, after]) => after) },
];

describe('a guest that swaps', () => {
  const starving = (available: number, settings?: Settings) =>
    decidedAfter(turned(available, [[full, swapping]]), settings)['vm'];

  test('gets all that it lacks at once, also below the goal, without a limit of steps', () => {
    for (const available of [goal, goal - 1, reserve + ENOUGH]) {
      expect(starving(available, { step: 0.001 })).toMatchObject({
        target: ENOUGH,
        reason: { rule: 'starving' },
      });
    }
  });

  test('gets its headroom too from what the host has beyond its goal, and otherwise later', () => {
    const need = Math.floor((600_000 * (1 + headroom)) / 4) * 4;
    const ample = starving(goal + margin + MEMORY, { step: 0.001 });
    expect(ample?.target).toBeGreaterThanOrEqual(need);
    expect(ample?.reason).not.toHaveProperty('bound');
    expect(starving(goal)?.reason.bound).toBe('freed-memory');
  });

  test('gets no more than the host has beyond its reserve, and more later', () => {
    expect(starving(reserve + 40_000)).toMatchObject({
      target: 540_000,
      reason: { rule: 'starving', bound: 'freed-memory' },
    });
    expect(starving(reserve)?.reason).toMatchObject({ rule: 'rest', bound: 'host-memory' });
  });

  test('gets no more than its memory', () => {
    const large = { ...swapping, swapOut: MEMORY };
    const { vm } = decidedAfter(turned(goal, [[full, large]]));
    expect(vm).toMatchObject({ target: MEMORY, reason: { rule: 'starving', bound: 'memory' } });
  });

  test('is not given what is less than dead_band', () => {
    const given = (lack: number) => {
      // It has as much room left as it keeps.
      const rooms = [full, { ...swapping, swapOut: 10_000 + lack }].map((one) => ({
        ...one,
        used: 500_000 - leastKept,
      })) as [Given, Given];
      return decidedAfter(turned(goal, [rooms]), { keep: 0 })['vm'];
    };
    expect(given(deadBand)).toMatchObject({ reason: { rule: 'rest', bound: 'host-memory' } });
    expect(given(deadBand + 4)?.target).toBe(500_000 + deadBand + 4);
  });

  test('shares what there is with others by weight', () => {
    const [light, heavy] = [1, 2].map((weight) => {
      const more = { name: `of ${String(weight)}`, weight, current: 300_000 * weight };
      return [full, swapping].map((one) => ({
        ...one,
        ...more,
        used: more.current,
        resident: more.current,
      }));
    }) as [[Given, Given], [Given, Given]];
    const found = decidedAfter(turned(reserve + 60_000, [light, heavy]));
    expect([found['of 1']?.target, found['of 2']?.target]).toEqual([320_000, 640_000]);
  });

  test('gets its max-min fair part at most if it claims to use all it has', () => {
    const lying = { ...swapping, name: 'lying', swapOut: MEMORY };
    const honest = { ...idle, used: 480_000 };
    const rounds = turned(reserve + 100_000, [
      [{ ...full, name: 'lying' }, lying],
      [honest, honest],
    ]);
    const whole = 500_000 + 500_000 + 100_000;
    expect(decidedAfter(rounds)['lying']?.target).toBe(whole - (480_000 + leastKept));
  });

  test('gets its headroom from what the host has beyond its goal, however little is missing', () => {
    const need = (400_000 + 10_000) * (1 + headroom);
    const room = { current: need - 12_000, resident: need - 12_000, used: 400_000 };
    const rounds = [
      { time: 0, vms: [{ ...full, ...room }] },
      {
        time: 10,
        available: goal + margin + 12_000,
        vms: [{ ...swapping, ...room, swapOut: 20_000 }],
      },
    ];
    expect(decidedAfter(rounds)['vm']).toMatchObject({
      target: need,
      reason: { rule: 'starving' },
    });
  });

  test('though it has room leaves others no more than the host has', () => {
    const room = { name: 'room', current: 900_000, resident: 900_000, used: 200_000 };
    const busy = { ...idle, used: 480_000 };
    const rounds = turned(goal + margin + 30_000, [
      [
        { ...full, ...room },
        { ...swapping, ...room },
      ],
      [busy, busy],
    ]).map((round, index) => (index === 0 ? { time: 0, vms: round.vms } : round));
    expect(decidedAfter(rounds)['vm']?.target).toBe(530_000);
  });

  test('is not given again what it was sent and has not received', () => {
    const rounds = turned(goal, [[full, swapping]]);
    const [, last] = rounds;
    const again = { ...last, time: 15 } as Round;
    expect(decidedAfter([...rounds, again])['vm']).toMatchObject({
      reason: { rule: 'rest', bound: 'on-its-way' },
    });
  });
});

describe('a guest that is about to swap', () => {
  const rising = (used: number): Round[] =>
    turned(goal - 1, [
      [
        { ...idle, used: 460_000 },
        { ...idle, used },
      ],
    ]);

  test('gets below the goal what it would use if that rises as much again', () => {
    const soon = 490_000 + 30_000;
    const { vm } = decidedAfter(rising(490_000));
    expect(vm).toMatchObject({ target: soon + leastKept, reason: { rule: 'need' } });
    expect(vm?.reason.inputs).toMatchObject({ expected: soon, missing: 0 });
  });

  test('is one whose use has risen by more than a fiftieth of its memory', () => {
    const expected = (used: number) => decidedAfter(rising(used))['vm']?.reason.inputs['expected'];
    expect(expected(480_000)).toBe(480_000);
    expect(expected(480_004)).toBe(480_004 + 20_004);
  });

  test('is not one that has room for as much again', () => {
    const rounds = turned(goal - 1, [
      [
        { ...idle, used: 200_000 },
        { ...idle, used: 300_000 },
      ],
    ]);
    expect(decidedAfter(rounds)['vm']?.reason.inputs['expected']).toBe(300_000);
  });
});

describe('a guest that lacks headroom', () => {
  const busy = { ...idle, used: 480_000 };
  const need = 480_000 * (1 + headroom);

  test('gets all of it at once from what the host has beyond its goal and a margin', () => {
    const { vm } = decided(goal + margin + 200_000, [busy], { step: 0.001 });
    expect(vm).toMatchObject({ target: need + 1000, reason: { rule: 'need' } });
  });

  test('gets nothing while the host has no more than that', () => {
    const { vm } = decided(goal, [busy]);
    expect(vm?.target).toBeUndefined();
  });

  test('gets nothing for a lack of less than half of it', () => {
    const lacking = (lack: number): Given => ({ ...idle, used: (500_000 + lack) / (1 + headroom) });
    const half = (lack: number) => (((500_000 + lack) / (1 + headroom) + leastKept) * headroom) / 2;
    expect(40_000).toBeLessThan(half(40_000));
    expect(60_000).toBeGreaterThan(half(60_000));
    const settings = { comfort: 1 };
    const spare = goal + margin + 60_004;
    const never = { resident: 400_000 };
    expect(decided(spare, [{ ...lacking(40_000), ...never }], settings)['vm']).toMatchObject({
      reason: { rule: 'rest', bound: 'dead-band' },
    });
    expect(decided(spare, [{ ...lacking(60_000), ...never }], settings)['vm']?.target).toBe(
      560_000,
    );
  });

  test('gets page cache that it reads again, however little headroom it lacks', () => {
    const before = { ...idle, used: 380_000, diskCaches: 50_000, majorFaults: 0 };
    const after = { ...before, majorFaults: 3000 };
    const warm = 50_000 + 0.02 * MEMORY;
    const rounds = turned(goal + margin + 100_000, [[before, after]]);
    const never = rounds.map((round) => ({
      ...round,
      vms: round.vms.map((one) => ({ ...one, resident: 400_000 })),
    }));
    expect(decidedAfter(never)['vm']).toMatchObject({
      target: 380_000 * (1 + headroom) + warm,
      reason: { rule: 'need' },
    });
  });

  test('gets what the host has, and the rest when others have freed it', () => {
    const rich = { ...idle, name: 'rich', current: 900_000, resident: 900_000 };
    const { vm, rich: giver } = decided(goal + margin + 30_000, [busy, rich]);
    expect(vm).toMatchObject({ target: 530_000, reason: { rule: 'need', bound: 'freed-memory' } });
    const missing = need - 530_000;
    expect(giver).toMatchObject({ target: 900_000 - missing, reason: { rule: 'for-others' } });
  });

  test('gets its part at once, before others have freed it, if growth does not wait for that', () => {
    const rich = { ...idle, name: 'rich', current: 900_000, resident: 900_000 };
    const { vm } = decided(goal, [busy, rich], { twoPhases: false });
    expect(vm).toMatchObject({ target: need + step, reason: { rule: 'need' } });
  });

  test('comes after guests that swap', () => {
    const rich = { ...idle, name: 'rich', current: 900_000, resident: 900_000 };
    const poor = { ...busy, name: 'poor' };
    const rounds = turned(goal + margin + 30_000, [
      [full, swapping],
      [poor, poor],
      [rich, rich],
    ]);
    const { vm, poor: later } = decidedAfter(rounds);
    expect(vm?.reason.rule).toBe('starving');
    expect(later?.reason).toMatchObject({ rule: 'rest', bound: 'host-memory' });
  });
});

describe('with memory to spare a guest grows beyond its need', () => {
  test('by a step in a round', () => {
    const { vm } = decided(HOST / 2, [idle]);
    expect(vm).toMatchObject({ target: 500_000 + step, reason: { rule: 'relief' } });
    expect(vm?.reason).not.toHaveProperty('bound');
  });

  test('to its memory, also by less than would be worth a change', () => {
    const { vm } = decided(HOST / 2, [
      { ...idle, current: MEMORY - 1000, resident: MEMORY - 1000 },
    ]);
    expect(vm).toMatchObject({ target: MEMORY, reason: { rule: 'relief', bound: 'memory' } });
  });

  test('only by more than twice the dead_band', () => {
    const growth = (spare: number) => decided(goal + margin + spare, [idle])['vm']?.target;
    expect(growth(2 * deadBand)).toBeUndefined();
    expect(growth(2 * deadBand + 4)).toBe(500_000 + 2 * deadBand + 4);
  });

  test('by weight where there is not enough for all', () => {
    const rich = { ...idle, name: 'rich', current: 900_000, resident: 900_000 };
    const small = { ...idle, current: 300_000, resident: 300_000 };
    const heavy = { ...small, name: 'heavy', weight: 2 };
    const { vm, heavy: other } = decided(goal + margin + 90_000, [small, heavy, rich]);
    expect([vm?.target, other?.target]).toEqual([330_000, 360_000]);
  });

  test('after others have what they lack, and those up to their memory', () => {
    const rich = { ...idle, name: 'rich', current: 900_000, resident: 900_000 };
    const busy = { ...idle, name: 'busy', used: 480_000, memory: 590_000 };
    const lack = 480_000 * (1 + headroom) - 500_000;
    const small = { ...idle, current: 300_000, resident: 300_000 };
    const { vm, busy: first } = decided(goal + margin + lack + 50_000, [small, busy, rich]);
    expect(first?.target).toBe(590_000);
    expect(vm?.target).toBe(300_000 + 50_000 - (590_000 - 500_000 - lack));
  });

  test('after guests that swap have what they lack, which counts once', () => {
    const need = 600_000 * (1 + headroom);
    const target = (spare: number) =>
      decidedAfter([
        { time: 0, vms: [full, { ...idle, name: 'idle' }] },
        { time: 10, available: goal + margin + spare, vms: [swapping, { ...idle, name: 'idle' }] },
      ])['vm']?.target;
    expect(target(need - 500_000 + 50_000)).toBe(need + 50_000);
    expect(target(MEMORY)).toBe(need + step);
  });
});

describe('a guarantee', () => {
  const poor = { ...idle, floor: 600_000 };

  test('is given at once, also out of the reserve', () => {
    expect(decided(0, [poor])['vm']).toMatchObject({
      target: 600_000,
      reason: { rule: 'guarantee' },
    });
  });

  test('is enough for a guest that has just that', () => {
    expect(decided(0, [{ ...idle, floor: 500_000 }])['vm']?.target).toBeUndefined();
  });

  test('is given without any figure of the host', () => {
    const rounds = [{ time: 0, vms: [poor, { ...poor, name: 'silent', usable: undefined }] }];
    const { vm, silent } = decidedAfter(rounds);
    expect([vm?.target, silent?.target]).toEqual([600_000, 600_000]);
  });

  test('is all that is decided without any figure of the host, and a silent guest says so', () => {
    const silent = { ...idle, name: 'silent', usable: undefined };
    const { vm, silent: other } = decidedAfter([{ time: 0, vms: [idle, silent] }]);
    expect(vm?.reason).toMatchObject({ rule: 'rest' });
    expect(vm?.reason).not.toHaveProperty('bound');
    expect(other?.reason).toMatchObject({ rule: 'rest', bound: 'statistics-missing' });
  });
});
