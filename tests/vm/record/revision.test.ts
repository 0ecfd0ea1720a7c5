import { describe, expect, test } from '@jest/globals';
import { Revision } from '../../../src/vm/record/revision.ts';
import { parse, serialize, textOf } from '../../../src/vm/record/stored.ts';
import { operation, operationsOf, unplug } from '../../memory/operations.ts';

const contentOf = (...ids: readonly string[]): string =>
  textOf({ boot: 0, operations: ids.map((id) => operation([unplug()], { id })) });
const textBy = (writer: string, revision: number, ...ids: readonly string[]): string =>
  serialize(contentOf(...ids), { revision, writer });

/** A process that has written so many records, the last one with `last`. */
function process(revisions = 0, ...last: readonly string[]) {
  const revision = new Revision('me');
  let text = '';
  for (let n = 1; n <= revisions; n += 1) {
    text = revision.next(contentOf(...last));
    revision.written();
  }
  return { revision, text };
}

describe('the records that a process writes', () => {
  test('are numbered from 1 and have its name', () => {
    const { revision, text } = process(2, 'a');
    expect(revision.number).toBe(2);
    expect(parse(text)).toMatchObject({ revision: 2, writer: 'me', operations: [{ id: 'a' }] });
    expect(revision.compare(text)).toBeUndefined();
  });

  test('count when they are written, not before', () => {
    const { revision, text } = process(1, 'a');
    const next = revision.next(contentOf('a', 'b'));
    expect(parse(next)?.revision).toBe(2);
    expect(revision.number).toBe(1);
    expect(revision.differs(contentOf('a'))).toBe(false);
    expect(revision.compare(text)).toBeUndefined();
  });

  test('have a number of their own for each attempt to write them', () => {
    const { revision } = process(1, 'a');
    const attempts = [1, 2, 3].map(() => parse(revision.next(contentOf('a')))?.revision);
    expect(attempts).toEqual([2, 3, 4]);
    revision.written();
    expect(parse(revision.next(contentOf('a')))?.revision).toBe(5);
  });

  test('are counted once each', () => {
    const { revision } = process(1, 'a');
    revision.written();
    expect(revision.number).toBe(1);
  });

  test('need not be written again', () => {
    const { revision } = process(1, 'a');
    expect(revision.differs(contentOf('a'))).toBe(false);
    expect(revision.differs(contentOf('a', 'b'))).toBe(true);
    expect(revision.differs(contentOf())).toBe(true);
  });

  test('are not begun for nothing', () => {
    const { revision } = process();
    expect(revision.differs(contentOf())).toBe(false);
    expect(revision.differs(contentOf('a'))).toBe(true);
    expect(revision.compare('')).toBeUndefined();
  });
});

describe('a process that starts', () => {
  test('goes on from the record that it finds', () => {
    const { revision } = process();
    const text = textBy('former', 7, 'a');
    revision.resume(text);
    expect(revision.number).toBe(7);
    expect(revision.compare(text)).toBeUndefined();
    expect(revision.differs(contentOf('a'))).toBe(false);
    expect(parse(revision.next(contentOf('a')))).toMatchObject({ revision: 8, writer: 'me' });
  });

  test('begins anew with a run that has no record', () => {
    const { revision } = process(3, 'a');
    revision.resume('');
    expect(revision.number).toBe(0);
    expect(revision.differs(contentOf())).toBe(false);
    expect(revision.differs(contentOf('a'))).toBe(true);
  });

  test('replaces a text that is no record', () => {
    const { revision } = process();
    revision.resume('nonsense');
    expect([revision.number, revision.compare('nonsense')]).toEqual([0, undefined]);
    expect(revision.differs(contentOf())).toBe(true);
  });
});

describe('a record that another process has written', () => {
  test('comes with its content, and its writer had seen the revision before', () => {
    const { revision } = process(4, 'a');
    const text = textBy('other', 5, 'a', 'b');
    expect(revision.compare(text)).toEqual({
      seen: 4,
      isFailedWrite: false,
      theirs: parse(text),
    });
  });

  test('is found once', () => {
    const { revision } = process(4, 'a');
    const text = textBy('other', 5, 'b');
    revision.compare(text);
    expect(revision.compare(text)).toBeUndefined();
    expect(revision.differs(contentOf('b'))).toBe(false);
    expect(revision.differs(contentOf('a', 'b'))).toBe(true);
  });

  test.each([
    ['a newer', 9, 9],
    ['an older', 2, 4],
  ])('is followed by a record with a greater number than %s one', (_, theirs, number) => {
    const { revision } = process(4, 'a');
    expect(revision.compare(textBy('other', theirs, 'b'))?.seen).toBe(theirs - 1);
    expect(revision.number).toBe(number);
    expect(parse(revision.next(contentOf('a', 'b')))?.revision).toBe(number + 1);
  });

  test('is late if a newer one of the same process was seen, and then no other one is', () => {
    const { revision } = process();
    revision.compare(textBy('other', 5, 'a', 'b'));
    expect(revision.compare(textBy('other', 3, 'a'))).toMatchObject({ isLate: true });
    expect(revision.compare(textBy('other', 4, 'a'))).toMatchObject({ isLate: true });
    expect(revision.compare(textBy('other', 6, 'b'))).not.toHaveProperty('isLate');
  });

  test('is not late if it was written twice, or if only another process had written a newer one', () => {
    const { revision } = process(4, 'a');
    revision.compare(textBy('other', 3, 'a', 'b'));
    expect(revision.compare(textBy('third', 2, 'a'))).not.toHaveProperty('isLate');
    expect(revision.compare(textBy('other', 3, 'a', 'b'))).not.toHaveProperty('isLate');
  });

  test('is late if it is older than the one that was found at the start', () => {
    const { revision } = process();
    revision.resume(textBy('former', 7, 'a', 'b'));
    expect(revision.compare(textBy('former', 6, 'a'))).toMatchObject({ isLate: true });
  });

  test('can be of the format without revisions, whose writer had seen none', () => {
    const { revision } = process(1, 'a');
    const found = revision.compare('{"jobs":[]}');
    expect(found).toMatchObject({ isFailedWrite: false, theirs: { operations: [] } });
    expect(found?.seen).toBeLessThan(1);
    expect(revision.number).toBe(1);
  });
});

describe('an own record other than the newest', () => {
  test('that is an older copy was written when its revision had been seen', () => {
    const { revision } = process(4, 'a');
    const found = revision.compare(textBy('me', 2, 'a'));
    expect(found).toEqual({ seen: 2, isFailedWrite: false });
    expect(found).not.toHaveProperty('isLate');
    expect(revision.number).toBe(4);
    expect(revision.differs(contentOf('a', 'b'))).toBe(true);
  });

  test('can be one whose write was reported to have failed', () => {
    const { revision } = process(4, 'a');
    const failed = revision.next(contentOf('a', 'b'));
    expect(revision.compare(failed)).toEqual({ seen: 5, isFailedWrite: true });
    expect(revision.differs(contentOf('a'))).toBe(true);
    expect(parse(revision.next(contentOf('a')))?.revision).toBe(6);
  });

  test('can be one whose write was reported to have failed, but happened after the next', () => {
    const { revision } = process(4, 'a');
    const failed = revision.next(contentOf('a', 'b'));
    revision.next(contentOf('a', 'c'));
    revision.written();
    expect(revision.compare(failed)).toEqual({ seen: 5, isFailedWrite: true });
    expect(revision.differs(contentOf('a', 'c'))).toBe(true);
    expect(parse(revision.next(contentOf('a', 'c')))?.revision).toBe(7);
  });

  test('is not taken for a failed one of an earlier run', () => {
    const { revision } = process(4, 'a');
    const failed = revision.next(contentOf('b'));
    revision.next(contentOf('c'));
    revision.resume(textBy('other', 9, 'a'));
    expect(revision.compare(failed)).toEqual({ seen: 5, isFailedWrite: false });
    expect(parse(revision.next(contentOf('c')))?.revision).toBe(10);
  });
});

test.each(['', 'nonsense', '{"version":3}'])(
  'a text that is no record was written by a program that had seen none: %j',
  (text) => {
    const { revision } = process(4, 'a');
    expect(revision.compare(text)).toEqual({ seen: 0, isFailedWrite: false });
    expect(revision.number).toBe(4);
    for (const ids of [[], ['a']]) expect(revision.differs(contentOf(...ids))).toBe(true);
  },
);

test('the newest record is compared with, whatever came between', () => {
  const { revision } = process(1, 'a');
  revision.compare(textBy('other', 2, 'b'));
  const text = revision.next(textOf({ boot: 0, operations: operationsOf([unplug()]) }));
  revision.written();
  expect(revision.number).toBe(3);
  expect(revision.compare(text)).toBeUndefined();
});
