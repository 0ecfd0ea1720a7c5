import { beforeAll, expect, test } from '@jest/globals';
import { answerLine, firstState } from '../../../src/policy/decide/lines/answer.ts';
import {
  Comparison,
  type Difference,
  type Summary,
} from '../../../src/policy/replay/comparison.ts';
import { Deciding, recorded, type Side } from '../../../src/policy/replay/side.ts';
import { readTraceRound } from '../../../src/policy/replay/traceRound.ts';
import { tracePieces } from '../../../src/policy/trace/traceLine.ts';
import { GIB, LoopWorld } from '../loop/loopWorld.ts';

/** The trace of a loop that observes, acts, meets a shortage and a client's target, and recovers. */
async function traced(): Promise<string[]> {
  const loop = await LoopWorld.open(2);
  await loop.setPolicy({ mode: 'observe' });
  loop.host.own = 13 * GIB;
  await loop.run(30);
  await loop.setPolicy({ mode: 'act' });
  await loop.run(120);
  const [first] = loop.world.vms.list();
  await loop.world.call('VM.setBalloonTarget', { vmID: first?.id, target: 3 * GIB });
  await loop.setPolicy({ parameters: { goal: 0.15 } });
  loop.useMemory(2, 3000);
  await loop.run(120);
  const nameOf = (id: string): string | undefined => loop.world.vms.find(id)?.domain.name;
  return loop.rounds.map((round) => [...tracePieces(round, nameOf)].join(''));
}

let lines: readonly string[] = [];
beforeAll(async () => {
  lines = await traced();
});

function compared(first: Side, second: Side): { differences: Difference[]; summary: Summary } {
  const comparison = new Comparison(first, second);
  const differences = lines.flatMap((line) =>
    comparison.add(readTraceRound(line, { algorithm: 'adaptive' })),
  );
  return { differences, summary: comparison.summary() };
}

test('the policy that was recorded is decided again as it was, whether it observed or acted', () => {
  const { differences, summary } = compared(new Deciding('adaptive', {}), recorded);
  expect(differences).toEqual([]);
  expect(summary.rounds).toBeGreaterThan(40);
  expect(summary.sides[0].vms.every(({ targets }) => targets > 0)).toBe(true);
  expect(summary.sides[0].vms.map(({ label }) => label)).toEqual(['vm1', 'vm2']);
});

test('another setting and another algorithm differ', () => {
  expect(
    compared(new Deciding('adaptive', { goal: 0.1 }), recorded).differences.length,
  ).toBeGreaterThan(0);
  expect(compared(new Deciding('mom', {}), recorded).differences.length).toBeGreaterThan(0);
});

test('each line of a trace is a line for vmemd decide', () => {
  let state = firstState({ algorithm: 'adaptive' });
  for (const line of lines) {
    const answered = answerLine(line, state);
    expect(answered.hasFailed).toBe(false);
    state = answered.state;
  }
});
