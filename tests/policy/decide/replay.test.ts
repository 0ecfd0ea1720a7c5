import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { RecordedDecisions } from '../../../bench/policy/replay/recorded.ts';
import { replay } from '../../../bench/policy/replay/replay.ts';

const recorded = JSON.parse(
  readFileSync('fixtures/policy/mom-decisions.json', 'utf8'),
) as RecordedDecisions;

test("mom decides all recorded rounds as MoM, and notes those in which MoM's script failed", () => {
  const { same, total, differences, notes } = replay(recorded, 'mom');
  expect([same, total, differences]).toEqual([250, 250, []]);
  expect(notes).toHaveLength(9);
});

test('adaptive decides otherwise, and each difference says what and why', () => {
  const { same, total, differences } = replay(recorded, 'adaptive');
  expect(same).toBeLessThan(total);
  expect(differences[0]).toMatch(/^state \d+, vm\d: MoM .+, adaptive .+ \(.+\)$/);
});

test('a target that is wrong by one is a difference', () => {
  const [first] = recorded.states;
  const target = first?.decision.vm0 ?? 0;
  const states = first ? [{ ...first, decision: { ...first.decision, vm0: target + 1 } }] : [];
  const { same, differences } = replay({ ...recorded, states }, 'mom');
  expect(same).toBe(0);
  expect(differences).toHaveLength(1);
});
