import { expect, test } from '@jest/globals';
import { auditLines } from '../../src/vmemctl/views/auditLines.ts';

const REASON = 'Invalid parameter: targets are in KiB; 1536 MiB are 1572864';

test('a refused request is shown with its reason once', () => {
  const lines = auditLines(
    [
      {
        time: '2026-11-30T07:00:00.000Z',
        verb: 'VM.setBalloonTarget',
        flow_id: 'f',
        outcome: 'refused',
        summary: `not done, ${REASON}`,
        reason: REASON,
        code: 91,
        address: '127.0.0.1',
        user: 'root',
        params: { vmID: 'x', target: 1536 },
      },
    ],
    {
      look: { unicode: true, style: (_, text) => text },
      now: Date.parse('2026-11-30T07:00:21.000Z'),
    },
  );
  expect(lines).toEqual([`  21 s ago  root  VM.setBalloonTarget target=1536: not done, ${REASON}`]);
});

test('requests of different ages stand below each other', () => {
  const entry = {
    flow_id: 'f',
    outcome: 'done',
    summary: 'done',
    code: 0,
    address: '::1',
  } as const;
  const lines = auditLines(
    [
      { ...entry, verb: 'VM.setMemory', time: '2026-11-30T07:00:19.000Z' },
      { ...entry, verb: 'VM.create', time: '2026-11-30T07:00:00.000Z' },
    ],
    {
      look: { unicode: true, style: (_, text) => text },
      now: Date.parse('2026-11-30T07:00:21.000Z'),
    },
  );
  expect(lines).toEqual([
    '   2 s ago  ::1  VM.setMemory: done',
    '  21 s ago  ::1  VM.create: done',
  ]);
});
