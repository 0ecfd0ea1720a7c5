import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { type RecordedDecisions, recordedRound } from '../../../../bench/policy/replay/recorded.ts';
import { decide } from '../../../../src/policy/decide/decide.ts';
import { decideAsMom } from '../../../../src/policy/decide/mom/mom.ts';
import { momDefaults } from '../../../../src/policy/decide/mom/parameters.ts';
import { emptyWindow } from '../../../../src/policy/decide/mom/window.ts';
import type { GuestFigures } from '../../../../src/policy/decide/round/round.ts';
import { KiB } from '../../../../src/common/units.ts';

const recorded = JSON.parse(
  readFileSync('fixtures/policy/mom-decisions.json', 'utf8'),
) as RecordedDecisions;

const GIB = 1024 ** 2;
const host = (free: number, total = 100) => ({
  time: 0,
  total: KiB(total * GIB),
  free: KiB(free * GIB),
});

/** A guest by its current, unused, least and most memory in GiB. */
const guest = (
  current: number,
  unused: number | undefined,
  floor: number | undefined,
  memory: number,
): GuestFigures => ({
  name: 'vm',
  current: KiB(current * GIB),
  memory: KiB(memory * GIB),
  ...(floor !== undefined && { floor: KiB(floor * GIB) }),
  ...(unused !== undefined && { unused: KiB(unused * GIB) }),
});

const target = (free: number, figures: GuestFigures, change = {}): number | undefined =>
  decideAsMom(host(free), [figures], { ...momDefaults, ...change }, emptyWindow).decisions[0]
    ?.target;

describe("MoM's own decisions", () => {
  test.each(recorded.states.map((state) => [state.id, state] as const))('state %i', (_, state) => {
    const { host: figures, guests, parameters, memory } = recordedRound(state, recorded.defaults);
    const { decisions, momAborts } = decideAsMom(figures, guests, parameters, memory);
    expect(momAborts !== undefined).toBe(state.aborted !== null);
    if (state.aborted !== null) return;
    const of = (what: 'target' | 'unrounded') =>
      Object.fromEntries(decisions.flatMap((one) => (one.target ? [[one.name, one[what]]] : [])));
    expect(of('target')).toEqual(state.decision);
    expect(of('unrounded')).toEqual(state.unrounded);
  });
});

test('an exempt guest gets no target and ends nothing, whatever figures it lacks', () => {
  const exempt = { name: 'away', exempt: 'migrating' } as const;
  const decided = decideAsMom(host(10), [exempt, guest(4, 2, 1, 4)], momDefaults, emptyWindow);
  expect(decided.decisions).toMatchObject([
    { name: 'away', reason: { rule: 'migrating' } },
    { name: 'vm', target: 3_984_588 },
  ]);
  expect(decided.decisions[0]).not.toHaveProperty('target');
  expect(decided.momAborts).toBeUndefined();
});

describe("VDSM's policy", () => {
  test.each([
    ['grows a guest by 5 %', 50, guest(2, 1, 1, 4), 2202009],
    ['shrinks a guest by 5 % under pressure', 10, guest(4, 2, 1, 4), 3984588],
    ['leaves a nearly full guest alone under pressure', 10, guest(4, 0.2, 1, 4), undefined],
    [
      'pushes a full guest into swap when the host is almost out of memory',
      1,
      guest(4, 0, 1, 4),
      4026531,
    ],
    ['stops at the guarantee', 1, guest(4, 3, 3.9, 4), 4089446],
    ['raises a guest below its guarantee', 1, guest(1, undefined, 2, 4), 2097152],
    [
      'takes an unknown size of 0 for less than the guarantee',
      50,
      guest(0, undefined, 1, 4),
      1048576,
    ],
    [
      'never grows a guest by the last quarter of a percent',
      60,
      guest(4 - 8 / 1024, 1, 1, 4),
      undefined,
    ],
  ])('%s', (_, free, figures, expected) => {
    expect(target(free, figures)).toBe(expected);
  });

  test('grows a guest while ballooning is off, even under pressure', () => {
    expect(target(10, guest(2, 1, 1, 4), { enabled: false })).toBe(2202009);
  });
});

test('a guest without a guarantee is left alone, the others are decided, and MoM would have sent nothing', () => {
  const { decisions, momAborts } = decideAsMom(
    host(50),
    [
      { ...guest(2, 1, undefined, 4), name: 'bad' },
      { ...guest(2, 1, 1, 4), name: 'good' },
    ],
    momDefaults,
    emptyWindow,
  );
  expect(momAborts).toBe('bad has no balloon_min');
  expect(decisions.map((one) => one.target)).toEqual([undefined, 2202009]);
  expect(decisions[0]?.reason).toMatchObject({ rule: 'figures-missing', bound: 'balloon_min' });
});

test('a host without figures moves nobody', () => {
  const { decisions } = decideAsMom(
    { time: 0, total: KiB(GIB) },
    [guest(2, 1, 1, 4)],
    momDefaults,
    emptyWindow,
  );
  expect(decisions).toEqual([{ name: 'vm', reason: { rule: 'host-figures-missing', inputs: {} } }]);
});

test('ten samples are averaged, of which the oldest goes first', () => {
  let memory = {};
  const targets: (number | undefined)[] = [];
  for (const free of [40, 40, 40, 40, 40, 3, 3, 3, 3, 3, 3]) {
    const outcome = decide(host(free), [guest(4, 2, 1, 4)], { algorithm: 'mom' }, memory);
    memory = JSON.parse(JSON.stringify(outcome.memory)) as object;
    targets.push(outcome.decisions[0]?.target);
  }
  expect(targets.map((size) => size !== undefined)).toEqual([
    ...Array<boolean>(10).fill(false),
    true,
  ]);
});
