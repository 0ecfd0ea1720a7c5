import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { KiB, Milliseconds } from '../../../src/common/units.ts';
import type { PolicyRound } from '../../../src/policy/loop/round.ts';
import { readTraceRound } from '../../../src/policy/replay/traceRound.ts';
import { PolicyTrace } from '../../../src/policy/trace/policyTrace.ts';
import { tracePieces } from '../../../src/policy/trace/traceLine.ts';

const round: PolicyRound = {
  number: 7,
  at: Milliseconds(1_764_460_000_000),
  mode: 'act',
  cause: 'stall',
  parameters: { algorithm: 'adaptive', goal: 0.3 },
  host: { time: 1_764_460_000, total: KiB(1000), available: KiB(100) },
  guests: [{ name: 'a9f0', current: KiB(500), floor: KiB(100), memory: KiB(600) }],
  decisions: [
    { name: 'a9f0', target: KiB(400), reason: { rule: 'host-short', bound: 'step', inputs: {} } },
  ],
  hostReason: { state: 'critical', inputs: {} },
  asked: new Map([
    [
      'a9f0',
      { target: KiB(400), at: Milliseconds(1_764_460_000_010), outcome: 'failed', reason: 'hung' },
    ],
  ]),
};

test('a line has what the round began with and what was decided, and is read by a replay', () => {
  const line = [...tracePieces(round, () => 'web1')].join('');
  expect(line.endsWith('}\n')).toBe(true);
  const { decided } = JSON.parse(line) as { decided: object };
  expect(decided).toMatchObject({
    round: 7,
    at: '2025-11-29T23:46:40.000Z',
    mode: 'act',
    cause: 'stall',
    parameters: { algorithm: 'adaptive', goal: 0.3, reserve: 0.05, two_phases: true },
    asked: [{ name: 'a9f0', target: 400, outcome: 'failed', reason: 'hung' }],
  });
  const read = readTraceRound(line, { algorithm: 'mom' });
  expect(read).toMatchObject({
    host: round.host,
    guests: round.guests,
    inForce: { algorithm: 'adaptive', goal: 0.3 },
    decided: {
      round: 7,
      decisions: [{ name: 'a9f0', target: 400, reason: { rule: 'host-short', bound: 'step' } }],
    },
  });
  expect(read.labels.get('a9f0')).toBe('web1');
});

/** A file whose disk fails as long as `reason` is set, and is slow while `hold` is. */
class Disk {
  readonly lines: string[] = [];
  reason: string | undefined;
  hold: Promise<void> | undefined;

  async append(line: Buffer): Promise<void> {
    await this.hold;
    if (this.reason !== undefined) throw new Error(this.reason);
    this.lines.push(line.toString());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function traceOn(file: Disk) {
  const logged: { level: number; reason?: string; dropped?: number }[] = [];
  const log = pino({}, { write: (line) => logged.push(JSON.parse(line) as { level: number }) });
  const dropped = { rounds: 0 };
  const onDrop = (): void => {
    dropped.rounds += 1;
  };
  return {
    trace: new PolicyTrace({ file, nameOf: () => undefined, log, onDrop }),
    logged,
    dropped,
  };
}

test('a disk that is full costs its rounds, one warning, and one line when it has room again', async () => {
  const disk = new Disk();
  const { trace, logged, dropped } = traceOn(disk);
  disk.reason = 'ENOSPC';
  trace.write(round);
  trace.write(round);
  await trace.close();
  expect([disk.lines.length, dropped.rounds]).toEqual([0, 2]);
  disk.reason = undefined;
  trace.write(round);
  trace.write(round);
  await trace.close();
  expect([disk.lines.length, dropped.rounds]).toEqual([2, 2]);
  expect(logged.map(({ level, reason, dropped }) => [level, reason ?? dropped])).toEqual([
    [40, 'ENOSPC'],
    [30, 2],
  ]);
});

test('a slow disk keeps no round waiting, and further rounds are dropped', async () => {
  const disk = new Disk();
  const { trace, dropped } = traceOn(disk);
  let release!: () => void;
  disk.hold = new Promise((resolve) => (release = resolve));
  for (let index = 0; index < 15; index++) trace.write(round);
  expect(dropped.rounds).toBe(5);
  release();
  await trace.close();
  expect(disk.lines).toHaveLength(10);
});
