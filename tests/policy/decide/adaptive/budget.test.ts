import { describe, expect, test } from '@jest/globals';
import { adaptiveDefaults } from '../../../../src/policy/decide/adaptive/parameters.ts';
import { type Given, hostAfter, play, type Round } from './given.ts';

const HOST = 10_000_000;
const goal = HOST * adaptiveDefaults.goal;
const reserve = HOST * adaptiveDefaults.reserve;
const margin = HOST * adaptiveDefaults.margin;
const comfort = HOST * adaptiveDefaults.comfort;
const { stall, calm, settleTime } = adaptiveDefaults;

/** A VM that has touched all that it has. */
const full: Given = { current: 500_000, resident: 500_000, memory: 500_000 };
const at = (time: number, available: number, vms: readonly Given[] = [full]): Round => ({
  time,
  available,
  vms,
});

describe('a host', () => {
  test.each([
    ['critical', reserve - 1],
    ['short', reserve],
    ['short', goal - 1],
    ['enough', goal],
  ])('is %s with %d KiB, by its reserve and its goal', (state, available) => {
    const [outcome] = play([{ ...at(0, available), stall: 5 }]);
    expect(outcome?.hostReason).toMatchObject({
      state,
      inputs: { available, goal, reserve, stallPercent: 5 },
    });
    expect(hostAfter([at(0, available)])).not.toHaveProperty('stallPercent');
  });

  test('of which nothing is known is told to be so', () => {
    const [outcome] = play([{ time: 0, vms: [full] }]);
    expect(outcome?.hostReason).toEqual({ state: 'unknown', inputs: {} });
  });

  test('with its goal has to get nothing', () => {
    expect(hostAfter([at(0, goal)])).toMatchObject({ shortfall: 0 });
  });

  test('below its goal is to get up to the goal and a margin', () => {
    const available = goal - 1;
    expect(hostAfter([at(0, available)])).toMatchObject({ shortfall: goal + margin - available });
  });

  test('whose tasks wait for memory is to get a margin, whatever it has', () => {
    const round = at(0, goal + comfort);
    const waiting = play([{ ...round, stall: stall + 0.1 }])[0]?.hostReason;
    expect(waiting).toMatchObject({
      state: 'stalled',
      inputs: { shortfall: margin, forNeed: 0, forAll: 0 },
    });
    expect(hostAfter([{ ...round, stall }])).toMatchObject({ shortfall: 0 });
  });

  test('leaves its guests what they have, less what it has to get', () => {
    expect(
      hostAfter([
        at(0, 0, [full, { ...full, name: 'other', current: 4_000_000, memory: 4_000_000 }]),
      ]),
    ).toMatchObject({
      guests: 500_000 + 4_000_000 - (goal + margin),
    });
  });

  test('leaves its guests what they have, and what they may grow by', () => {
    expect(hostAfter([at(0, goal + margin + 70_000)])).toMatchObject({ guests: 500_000 + 70_000 });
  });
});

describe('guests that lack headroom may grow', () => {
  test('by what the host has beyond its goal and a margin', () => {
    expect(hostAfter([at(0, goal + margin + 70_000)])['forNeed']).toBe(70_000);
    expect(hostAfter([at(0, goal + margin - 1)])['forNeed']).toBe(0);
  });

  test('by memory that others were left and have not touched, as they were not given it lately', () => {
    const untouched = { ...full, resident: 100_000 };
    expect(hostAfter([at(0, goal + margin + 70_000, [untouched])])['forNeed']).toBe(70_000);
  });

  test('at once after the host was short', () => {
    const rounds = [at(0, goal - 1), at(5, goal + margin + 70_000)];
    expect(hostAfter(rounds)['forNeed']).toBe(70_000);
  });
});

describe('starving guests may grow', () => {
  test('by all that the host has beyond its reserve, also below its goal', () => {
    const available = goal - 10;
    expect(hostAfter([at(0, available)])['forStarving']).toBe(available - reserve);
  });

  test('by nothing of the reserve', () => {
    expect(hostAfter([at(0, reserve)])['forStarving']).toBe(0);
    expect(hostAfter([at(0, reserve - 10)])['forStarving']).toBe(0);
  });

  test('not by what was given and has not arrived', () => {
    const poor = { ...full, current: 300_000, resident: 300_000, floor: 500_000 };
    const rounds = [at(0, goal - 10, [poor]), at(5, goal - 10, [poor])];
    expect(hostAfter(rounds)['forStarving']).toBe(goal - 10 - reserve - 200_000);
  });
});

describe('all guests may grow', () => {
  const above = goal + margin;

  test('by what the host has beyond its goal and a margin, less what others have never touched', () => {
    expect(hostAfter([at(0, above + 900_000)])['forAll']).toBe(900_000);
    const untouched = { ...full, resident: 100_000 };
    expect(hostAfter([at(0, above + 900_000, [untouched])])['forAll']).toBe(900_000 - 400_000);
  });

  test('by what the host has beyond its goal, a margin and 10 %, whatever others have not touched', () => {
    const untouched = { ...full, current: 3_000_000, memory: 3_000_000, resident: 0 };
    expect(hostAfter([at(0, above + comfort + 70_000, [untouched])])['forAll']).toBe(70_000);
    expect(hostAfter([at(0, above + comfort - 1, [untouched])])['forAll']).toBe(0);
  });

  test('by that less what was given lately', () => {
    const poor = { ...full, current: 300_000, resident: 0, memory: 3_000_000, floor: 500_000 };
    const other = { ...full, name: 'other', current: 3_000_000, memory: 3_000_000, resident: 0 };
    const [first, then] = [0, 5].map((time) => at(time, above + comfort + 270_000, [poor, other]));
    expect(hostAfter([first, then] as Round[])['forAll']).toBe(270_000 - 200_000);
  });

  test('by two thirds of what the host has more of for settle_time, and the rest later', () => {
    const rounds = [at(0, above + 100_000), at(settleTime, above + 900_000)];
    expect(hostAfter(rounds)['forAll']).toBeCloseTo(900_000 - 800_000 / Math.E, -1);
    const longer = [...rounds, at(3 * settleTime, above + 900_000)];
    expect(hostAfter(longer)['forAll']).toBeCloseTo(900_000 - 800_000 / Math.E ** 3, -1);
  });

  test('by no more than what it has at once if it has less', () => {
    const rounds = [at(0, above + 900_000), at(5, above + 100_000)];
    expect(hostAfter(rounds)['forAll']).toBe(100_000);
  });

  test('once the host has not been short for the time of calm', () => {
    const enough = at(calm - 1, above + comfort);
    expect(hostAfter([at(0, goal - 1), enough])).toMatchObject({ forAll: 0, growsInSeconds: 1 });
    const calmed = hostAfter([at(0, goal - 1), enough, { ...enough, time: calm }]);
    expect(calmed['forAll']).toBeGreaterThan(0);
    expect(calmed).not.toHaveProperty('growsInSeconds');
  });
});

describe('growth that was soon followed by a shortage', () => {
  /** A VM that is not asked to shrink, and grows from there if it may. */
  const guaranteed = (current: number): Given => ({
    ...full,
    memory: 1_000_000,
    current,
    floor: current,
  });
  const grows = (time: number): Round => at(time, HOST, [guaranteed(500_000)]);
  const isShort = (time: number): Round => at(time, goal - 1, [guaranteed(600_000)]);
  /** How long guests have to wait after the host was last short, each time after they had grown. */
  const waitAfter = (...turns: readonly (readonly [growth: number, shortage: number])[]) =>
    hostAfter(
      [isShort(0), ...turns.flatMap(([growth, shortage]) => [grows(growth), isShort(shortage)])],
      { settleTime: 1 },
    )['growsInSeconds'];

  test('waits four times as long the next time, half an hour at most', () => {
    const first = [calm, calm + 10] as const;
    const second = [first[1] + 4 * calm, first[1] + 4 * calm + 10] as const;
    const third = [second[1] + 16 * calm, second[1] + 16 * calm + 10] as const;
    expect(waitAfter()).toBe(calm);
    expect(waitAfter(first)).toBe(4 * calm);
    expect(waitAfter(first, second)).toBe(16 * calm);
    expect(waitAfter(first, second, third)).toBe(30 * 60);
  });

  test('waits longer also if but one of the guests grew', () => {
    const rounds = [
      at(0, HOST, [guaranteed(500_000), { ...full, name: 'full' }]),
      at(5, goal - 1, [guaranteed(600_000), { ...full, name: 'full' }]),
    ];
    expect(hostAfter(rounds)['growsInSeconds']).toBe(4 * calm);
  });

  test('waits no longer if a guest grew only to its guarantee', () => {
    const rounds = [
      at(0, goal, [{ ...guaranteed(500_000), floor: 600_000 }]),
      at(5, goal - 1, [guaranteed(600_000)]),
    ];
    expect(hostAfter(rounds)['growsInSeconds']).toBe(calm);
  });

  test('waits as long as at first if the shortage came later than half an hour', () => {
    const early = [calm, calm + 10] as const;
    const late = [calm + 10 + 4 * calm, calm + 10 + 4 * calm + 30 * 60 + 1] as const;
    expect(waitAfter(early, late)).toBe(calm);
  });

  test('waits no longer if nothing grew in between', () => {
    const early = [calm, calm + 10] as const;
    const tooSoon = [calm + 11, calm + 12] as const;
    expect(waitAfter(early, tooSoon)).toBe(4 * calm);
  });
});

describe('what a neighbour has freed on a host', () => {
  const giver = (current: number, resident = current): Given => ({
    current,
    resident,
    used: 100_000,
  });
  /** What starving guests may have after the balloon went through these, one each 5 s. */
  const freed = (available: number, ...givers: Given[]) =>
    hostAfter(givers.map((one, index) => at(5 * index, available, [one])))['forStarving'];
  const critical = reserve - 100_000;

  test('below its goal is for starving guests', () => {
    expect(freed(reserve + 10, giver(500_000), giver(400_000))).toBe(100_000);
  });

  test('below its reserve is for starving guests by half, so that the host recovers too', () => {
    expect(freed(critical, giver(500_000), giver(400_000))).toBe(100_000 / 2);
  });

  test('with exactly its reserve is for starving guests', () => {
    expect(freed(reserve, giver(500_000), giver(400_000))).toBe(100_000);
  });

  test('is what the host got back of what the balloon took', () => {
    expect(freed(reserve, giver(500_000, 300_000), giver(400_000, 300_000))).toBe(0);
    expect(freed(reserve, giver(500_000, 300_000), giver(400_000, 270_000))).toBe(30_000);
  });

  test.each([
    ['before', { ...giver(500_000), resident: undefined }, giver(400_000)],
    ['after', giver(500_000), { ...giver(400_000), resident: undefined }],
  ])(
    'is what the balloon took if the host does not know what the guest occupied %s',
    (_, before, after) => {
      expect(freed(reserve, before, after)).toBe(100_000);
    },
  );

  test('is lost within half a minute by two thirds', () => {
    const rounds = [0, 5, 35].map((time) =>
      at(time, reserve, [time === 0 ? giver(500_000) : giver(400_000)]),
    );
    expect(hostAfter(rounds)['forStarving']).toBeCloseTo(100_000 / Math.E, 0);
  });

  test('is nothing if its guest has moved the balloon by itself', () => {
    const own = { used: 500_000 };
    const [more, less] = [
      { current: 500_000, resident: 500_000, ...own },
      { current: 400_000, resident: 400_000, ...own },
    ];
    expect(freed(reserve, more, less)).toBe(0);
  });

  test('is nothing once the host has its goal', () => {
    const rounds = [
      at(0, reserve, [giver(500_000)]),
      at(5, goal, [giver(400_000)]),
      at(10, reserve, [giver(400_000)]),
    ];
    expect(hostAfter(rounds)['forStarving']).toBe(0);
  });
});
