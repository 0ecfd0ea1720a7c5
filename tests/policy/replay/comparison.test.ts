import { describe, expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';
import type { RecordedDecision } from '../../../src/policy/decide/lines/decided.ts';
import { Comparison } from '../../../src/policy/replay/comparison.ts';
import { Deciding, recorded, type Side } from '../../../src/policy/replay/side.ts';
import { readTraceRound, type TraceRound } from '../../../src/policy/replay/traceRound.ts';

const MIB = 1024;

/** A policy that sends one VM to these sizes one after the other; undefined leaves it. */
const script = (title: string, targets: readonly (number | undefined)[]): Side => {
  let next = 0;
  return {
    title,
    decide: (): RecordedDecision[] => {
      const target = targets[next++];
      return [
        {
          name: 'vm',
          ...(target !== undefined && { target: KiB(target * MIB) }),
          reason: { rule: 'scripted' },
        },
      ];
    },
  };
};

const round = (time: number, current = 1000): TraceRound => ({
  host: { time, total: KiB(64 * MIB * MIB) },
  guests: [{ name: 'vm', current: KiB(current * MIB) }],
  decided: undefined,
  inForce: { algorithm: 'adaptive' },
  labels: new Map([['vm', 'web1']]),
});

describe('two policies over a trace', () => {
  const targets = [900, undefined, 1000, 800, 950];
  const comparison = new Comparison(script('a', targets), script('b', [900, 900]));
  const differences = targets.map((_, index) => comparison.add(round(1000 + index * 360)));
  const { sides, ...totals } = comparison.summary();

  test('differ where one sends a target that the other does not', () => {
    expect(differences.map(({ length }) => length)).toEqual([0, 1, 1, 1, 1]);
    expect(differences[1]?.[0]).toMatchObject({
      time: 1360,
      label: 'web1',
      decisions: [{ name: 'vm' }, { target: 900 * MIB }],
    });
  });

  test('are counted from one target to the next', () => {
    expect(sides[0].vms).toMatchObject([
      { label: 'web1', targets: 4, taken: 300 * MIB, given: 250 * MIB, turns: 3 },
    ]);
    expect(sides[1].vms).toMatchObject([{ targets: 2, taken: 100 * MIB, given: 0, turns: 0 }]);
  });

  test('are counted over the time that the VM was there', () => {
    expect(totals).toEqual({
      rounds: 5,
      from: 1000,
      to: 2440,
      decisions: 5,
      differences: 4,
      vmHours: 0.4,
    });
  });
});

test('a gap of the trace is not counted as time', () => {
  const comparison = new Comparison(script('a', []), script('b', []));
  for (const time of [0, 360, 99_999, 100_359]) comparison.add(round(time));
  expect(comparison.summary().vmHours).toBe(0.2);
});

const GIB = 1024 * MIB;
const line = (time: number, more: object = {}): string =>
  JSON.stringify({
    version: 1,
    time,
    host: { mem_total: 64 * GIB, mem_available: 4 * GIB },
    guests: [
      {
        name: 'vm',
        balloon_cur: 8 * GIB,
        balloon_min: GIB,
        balloon_max: 8 * GIB,
        usable: 6 * GIB,
        last_update: time,
      },
    ],
    ...more,
  });

const read = (text: string): TraceRound => readTraceRound(text, { algorithm: 'adaptive' });

test('a policy that is replayed remembers what the loop would', () => {
  const side = new Deciding('adaptive', {});
  const targets = [5, 10].map((time) => side.decide(read(line(time)))[0]?.target);
  expect(targets).toEqual([7_549_744, undefined]);
});

test('a policy forgets where the loop that was recorded began anew', () => {
  const side = new Deciding('adaptive', {});
  const decided = { round: 1, parameters: { algorithm: 'adaptive' }, decisions: [] };
  const targets = [5, 10].map((time) => side.decide(read(line(time, { decided })))[0]?.target);
  expect(targets).toEqual([7_549_744, 7_549_744]);
});

test('a policy waits for no balloon that was not sent to its target', () => {
  const sent = { name: 'vm', target: 7_549_744, rule: 'host-short' };
  const targetsIn = (mode: string, decisions: readonly object[]): (number | undefined)[] => {
    const side = new Deciding('adaptive', {});
    return [2, 3].map((number) => {
      const decided = { round: number, mode, parameters: { algorithm: 'adaptive' }, decisions };
      return side.decide(read(line(number * 5, { decided })))[0]?.target;
    });
  };
  expect(targetsIn('act', [sent])).toEqual([7_549_744, undefined]);
  expect(targetsIn('observe', [sent])).toEqual([7_549_744, 7_549_744]);
  expect(targetsIn('act', [{ ...sent, target: 8_000_000 }])).toEqual([7_549_744, 7_549_744]);
});

test('settings are those in force then, for the same algorithm, and those that are changed', () => {
  const decided = {
    round: 1,
    parameters: { algorithm: 'adaptive', step: 0.2, goal: 0.2 },
    decisions: [],
  };
  const text = line(5, { decided });
  const target = (side: Side): number | undefined => side.decide(read(text))[0]?.target;
  expect(target(new Deciding('adaptive', {}))).toBe(6_710_884);
  expect(target(new Deciding('adaptive', { step: 0.05 }))).toBeCloseTo(8 * GIB * 0.95, -1);
  expect(target(new Deciding('adaptive', { goal: 0.01, reserve: 0.01 }))).toBeUndefined();
});

test('what was recorded is compared as it was decided then', () => {
  const decisions = [{ name: 'vm', target: 7 * GIB, rule: 'host-short', bound: 'step' }];
  const decided = { round: 1, parameters: { algorithm: 'adaptive' }, decisions };
  const [difference] = new Comparison(new Deciding('adaptive', {}), recorded).add(
    read(line(5, { decided })),
  );
  expect(difference?.decisions).toMatchObject([
    { target: 7_549_744, reason: { rule: 'host-short', bound: 'step' } },
    { target: 7 * GIB, reason: { rule: 'host-short', bound: 'step' } },
  ]);
});
