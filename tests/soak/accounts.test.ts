import { describe, expect, test } from '@jest/globals';
import { balance, lostAtEnd } from './accounts.ts';
import { Books, type Reply } from './clients/books.ts';
import { SoakLog } from './daemon/log.ts';

const OK: Reply = { kind: 'result', result: {} };
const LOST: Reply = { kind: 'lost', isOwn: false };

function after(reply: Reply | undefined, ...lines: readonly object[]) {
  const books = new Books();
  const log = new SoakLog();
  const request = { method: 'VM.setBalloonTarget', params: {}, flowId: 'f' };
  books.sent(request);
  if (reply) books.settled(request, reply);
  for (const line of lines) log.read(JSON.stringify({ level: 'info', flow_id: 'f', ...line }));
  return { books, log };
}

const audit = { event: 'audit', code: 0 };

describe('the balance', () => {
  test.each([
    ['a request that is answered and logged', OK, [audit], []],
    ['one that is answered and not logged', OK, [], ['answered']],
    ['one that was carried out twice', OK, [audit, audit], ['2 times', 'answered']],
    ['one that is lost and was carried out', LOST, [audit], []],
    ['one without any answer', undefined, [audit], ['not answered']],
  ] as const)('of %s', (_, reply, lines, wrong) => {
    const { books, log } = after(reply, ...lines);
    const problems = balance(books, log);
    expect(problems).toEqual(wrong.map((words) => expect.stringContaining(words)));
  });

  test('of a part of a request that was carried out names it', () => {
    const { books, log } = after(OK, audit, { ...audit, flow_id: 'part' });
    books.unsent.add('part');
    expect(balance(books, log)).toEqual([expect.stringContaining('in part')]);
  });
});

describe('a request that had begun when vmemd ended', () => {
  const start = { event: 'start', method: 'VM.setBalloonTarget' };

  test.each([
    ['may be answered', OK, [start], 0],
    ['may have failed in the log', LOST, [start, { event: 'audit', code: 16 }], 0],
    ['must not be done and lost', LOST, [start, audit], 1],
    ['must not be lost without a word', LOST, [start], 1],
    ['may be done if its client left', { kind: 'lost', isOwn: true }, [start, audit], 0],
    ['must be in the log if its client left', { kind: 'lost', isOwn: true }, [start], 1],
  ] as const)('%s', (_, reply, lines, count) => {
    const { books, log } = after(reply, ...lines);
    expect(lostAtEnd(books, log)).toHaveLength(count);
  });
});
