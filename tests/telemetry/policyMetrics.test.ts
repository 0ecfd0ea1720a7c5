import { expect, test } from '@jest/globals';
import { KiB, Milliseconds } from '../../src/common/units.ts';
import type { Decision, GuestFigures, Reason } from '../../src/policy/decide/round/round.ts';
import type { Mode, PolicyRound } from '../../src/policy/loop/round.ts';
import { createCounters } from '../../src/telemetry/counters.ts';
import { policyMetrics } from '../../src/telemetry/policyMetrics.ts';
import { seriesIn } from '../support/metricsPage.ts';

const MIB = 1024;

const guests: Readonly<Record<string, readonly [GuestFigures, Omit<Decision, 'name'>]>> = {
  taken: [
    { name: 'taken', current: KiB(1000 * MIB) },
    { target: KiB(900 * MIB), reason: reason('host-short', { need: 700 * MIB }) },
  ],
  given: [
    { name: 'given', current: KiB(500 * MIB) },
    { target: KiB(800 * MIB), reason: reason('need', { need: 800 * MIB }) },
  ],
  kept: [{ name: 'kept', current: KiB(300 * MIB) }, { reason: reason('rest', {}) }],
  moving: [
    { name: 'moving', current: KiB(300 * MIB) },
    {
      reason: { rule: 'rest', bound: 'on-its-way', inputs: { asked: 200 * MIB, need: 150 * MIB } },
    },
  ],
  pinned: [{ name: 'pinned', current: KiB(300 * MIB) }, { reason: reason('pinned', {}) }],
  gone: [{ name: 'gone', current: KiB(300 * MIB) }, { reason: reason('stuck', {}) }],
};

function reason(rule: string, inputs: Reason['inputs']): Reason {
  return { rule, inputs };
}

const round: PolicyRound = {
  number: 3,
  at: Milliseconds(1_764_460_000_500),
  mode: 'observe',
  cause: 'interval',
  parameters: { algorithm: 'adaptive' },
  host: { time: 1, total: KiB(1000 * MIB) },
  hostReason: { state: 'short', inputs: { available: 100 * MIB, goal: 200 * MIB } },
  guests: Object.values(guests).map(([figures]) => figures),
  decisions: Object.entries(guests).map(([name, [, decision]]) => ({ name, ...decision })),
  asked: new Map(),
};

const pageIn = (mode: Mode): string => {
  const pieces = policyMetrics({
    policy: {
      settings: {
        mode,
        algorithm: 'adaptive',
        parameters: { algorithm: 'adaptive' },
        by: 'configuration',
        ksm: {},
      },
      last: round,
    },
    nameOf: (id) => (id === 'gone' ? undefined : id),
  });
  return [...pieces].join('');
};

const valuesOf = (page: string, name: string, label: string): Record<string, number> =>
  Object.fromEntries(
    seriesIn(page)
      .filter((line) => line.name === name)
      .map(({ labels, value }) => [labels[label] ?? '', value]),
  );

test('the mode is one of three', () => {
  expect(valuesOf(pageIn('observe'), 'vmemd_policy_mode', 'mode')).toEqual({
    off: 0,
    observe: 1,
    act: 0,
  });
});

test('what the last round would take and give is told', () => {
  const page = pageIn('observe');
  const single = (name: string) => valuesOf(page, `vmemd_policy_${name}`, '')[''];
  expect(single('would_free_bytes')).toBe(100 * MIB * 1024);
  expect(single('would_give_bytes')).toBe(300 * MIB * 1024);
  expect(single('last_round_timestamp_seconds')).toBe(1_764_460_000.5);
});

test('a VM has the size that the policy wants, unless it takes no part', () => {
  const page = pageIn('act');
  const sizes = valuesOf(page, 'vmemd_policy_wanted_target_bytes', 'domain');
  const mib = Object.entries(sizes).map(([name, size]) => [name, size / MIB / 1024]);
  expect(Object.fromEntries(mib)).toEqual({ taken: 900, given: 800, kept: 300, moving: 200 });
  expect(Object.keys(valuesOf(page, 'vmemd_policy_need_bytes', 'domain'))).toEqual([
    'taken',
    'given',
    'moving',
  ]);
});

test('VMs that take no part are counted by reason, and no reason is new', () => {
  const counts = valuesOf(pageIn('act'), 'vmemd_policy_left_alone_vms', 'reason');
  expect(counts).toMatchObject({ pinned: 1, stuck: 0, paused: 0, 'no-guarantee': 0 });
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(1);
});

test('a policy that is off has a mode and nothing else', () => {
  const names = new Set(seriesIn(pageIn('off')).map(({ name }) => name));
  expect([...names]).toEqual(['vmemd_policy_mode']);
});

test('rounds are counted by mode, decisions by rule, and targets by what came of them', async () => {
  const counters = createCounters();
  const asked = { target: KiB(1), at: Milliseconds(0), outcome: 'applied' } as const;
  counters.policyRound(
    { ...round, mode: 'act', asked: new Map([['taken', asked]]) },
    Milliseconds(7),
  );
  counters.roundDropped();
  const page = await counters.exposition();
  expect(valuesOf(page, 'vmemd_policy_round_duration_seconds_count', 'mode')).toEqual({
    observe: 0,
    act: 1,
  });
  expect(valuesOf(page, 'vmemd_policy_asked_total', 'outcome')).toEqual({
    applied: 1,
    'not-applied': 0,
    failed: 0,
    pending: 0,
  });
  expect(page).toContain('vmemd_policy_decisions_total{rule="host-short",moves="true"} 1');
  expect(page).toContain('vmemd_policy_decisions_total{rule="rest",moves="false"} 2');
  expect(page).toContain('vmemd_policy_rounds_total{mode="act",cause="interval"} 1');
  expect(page).toContain('vmemd_policy_rounds_total{mode="act",cause="stall"} 0');
  expect(page).toContain('vmemd_policy_trace_dropped_total 1');
});
