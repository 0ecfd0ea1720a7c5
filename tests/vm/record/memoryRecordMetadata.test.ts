import { describe, expect, test } from '@jest/globals';
import { MiB } from '../../../src/common/units.ts';
import { parse } from '../../../src/vm/record/stored.ts';
import {
  asNew,
  balloon,
  guarantee,
  nextRun,
  plug,
  resize,
  unplug,
} from '../../memory/operations.ts';
import { now, openRecord, REQUEST, START, TOTAL } from './openRecord.ts';

describe('what is written', () => {
  test('is read again as it was', () => {
    const { record, begin, send, write } = openRecord();
    const full = { ...REQUEST, requested: MiB(1400), expected: MiB(1408), guaranteed: MiB(900) };
    record.begin(full, () => [plug(), balloon(), guarantee(), nextRun()].map(asNew));
    record.apply(send(unplug()), 'guest-refused', { message: 'no' });
    begin(resize());
    record.countBoot();
    record.baseline.set(TOTAL);
    const text = write();
    const again = openRecord('next').record;
    again.resume(text);
    expect(again.operations).toEqual(record.operations);
    expect([again.boot, again.baseline.total, again.revision]).toEqual([1, TOTAL, 1]);
    expect([again.isUnsaved, record.isUnsaved]).toEqual([false, false]);
    expect(again.openSteps).toEqual(record.openSteps);
  });

  test('takes along what the guest counted, adjusted to what has changed', () => {
    const { record, begin, write } = openRecord();
    begin(unplug());
    record.baseline.set(TOTAL);
    record.baseline.adjust(-1200, true);
    const again = openRecord().record;
    again.resume(write());
    expect(again.baseline.total).toEqual({ available: 0, held: 10 });
  });

  test('has the name of its writer and the next revision', () => {
    const { record, begin, write } = openRecord();
    begin(unplug());
    expect(parse(write())).toMatchObject({ writer: 'me', revision: 1 });
    expect(record.revision).toBe(1);
    expect(parse(write())).toMatchObject({ revision: 2 });
  });

  test('need not be written while there is nothing, or nothing else', () => {
    const { record, begin, write } = openRecord();
    expect(record.isUnsaved).toBe(false);
    const { id } = begin(unplug());
    expect(record.isUnsaved).toBe(true);
    write();
    expect(record.isUnsaved).toBe(false);
    record.apply({ id, index: 0 }, 'send');
    expect(record.isUnsaved).toBe(true);
  });

  test('is not more than is worth keeping', () => {
    const { record, send } = openRecord();
    for (let n = 0; n < 30; n += 1) record.apply(send(unplug()), 'seen');
    record.prune(new Set());
    expect(record.operations).toHaveLength(8);
    for (let n = 0; n < 9; n += 1) record.apply(send(unplug({ alias: 'dimm1' })), 'seen');
    record.prune(new Set(['dimm0']));
    expect(record.operations).toHaveLength(9);
  });

  test.each(['', 'nonsense', '[]', 'null', '{"jobs":[{}]}', '{"version":2}'])(
    'by another program is passed over: %j',
    (text) => {
      const { record } = openRecord();
      record.resume(text);
      expect(record.operations).toEqual([]);
      expect(record.baseline.total).toBeUndefined();
    },
  );
});

test('a run starts without operations, whatever its metadata have of an earlier one', () => {
  const former = openRecord('former');
  former.begin(unplug());
  former.record.countBoot();
  const text = former.write();
  const { record } = openRecord();
  record.startRun(text);
  expect([record.operations, record.boot]).toEqual([[], 0]);
  expect(record.reconcile(text)).toBeUndefined();
  expect(record.isUnsaved).toBe(true);
  expect(parse(record.next())).toMatchObject({ revision: 2, operations: [] });
});

describe('the metadata', () => {
  /** A record that has been written, and another process that has read it. */
  function two() {
    const mine = openRecord();
    const ref = mine.send(unplug());
    mine.record.baseline.set(TOTAL);
    const text = mine.write();
    const other = openRecord('other');
    other.record.resume(text);
    return { ...mine, other, ref, text };
  }

  test('that have the record written last show nothing new', () => {
    const { record, text, raised } = two();
    const { operations } = record;
    expect(record.reconcile(text)).toBeUndefined();
    expect(record.operations).toBe(operations);
    expect(raised()).toEqual(['dimm0 requested']);
  });

  test('with the record of another process are merged', () => {
    const { record, other, ref, begin, write } = two();
    const theirs = other.begin(unplug({ alias: 'dimm1' }));
    other.record.countBoot();
    const mine = begin(unplug({ alias: 'dimm2' }));
    expect(record.reconcile(other.write())).toMatchObject({ seen: 1, isFailedWrite: false });
    expect(new Set(record.operations.map(({ id }) => id))).toEqual(
      new Set([ref.id, theirs.id, mine.id]),
    );
    expect(record.boot).toBe(1);
    expect([record.revision, record.isUnsaved]).toEqual([2, true]);
    expect(parse(write())?.revision).toBe(3);
  });

  /** Ends so many operations that the process forgets its earlier ones. */
  const forgetEarlier = ({ record, send }: ReturnType<typeof openRecord>) => {
    for (let n = 0; n < 8; n += 1) record.apply(send(unplug({ alias: `x${n}` })), 'guest-refused');
    record.prune(new Set());
  };
  const has = ({ record }: Pick<ReturnType<typeof openRecord>, 'record'>, { id }: { id: string }) =>
    record.get(id) !== undefined;

  test('no longer have what the process that began it has forgotten', () => {
    const { other, ref, ...mine } = two();
    const theirs = other.send(unplug({ alias: 'dimm1' }));
    other.record.apply(theirs, 'guest-refused');
    mine.record.reconcile(other.write());
    expect(has(mine, theirs)).toBe(true);
    forgetEarlier(other);
    mine.record.reconcile(other.write());
    expect([has(mine, theirs), has(mine, ref)]).toEqual([false, true]);
  });

  test('bring back nothing that this process has forgotten', () => {
    const { other, ref, ...mine } = two();
    mine.record.apply(ref, 'guest-refused');
    forgetEarlier(mine);
    const theirs = other.send(unplug({ alias: 'dimm1' }));
    mine.record.reconcile(other.write());
    expect([has(mine, ref), has(mine, theirs)]).toEqual([false, true]);
  });

  test('keep the times of a run that was seen to begin', () => {
    const former = openRecord('former');
    former.begin(unplug());
    former.record.countBoot();
    const text = former.write();
    const { record } = openRecord();
    record.resume(text);
    expect(record.times).toEqual(former.record.times);
    const seen = openRecord();
    seen.record.clear(true);
    seen.record.resume(text);
    expect(seen.record.times).toEqual({ startedAt: START, reportsSince: START });
  });

  test('of another process that saw the run begin say when that was', () => {
    const { record, other, text } = two();
    other.record.clear(true);
    other.record.resume(text);
    other.begin(unplug({ alias: 'dimm1' }));
    record.reconcile(other.write());
    expect(record.times).toEqual({ startedAt: START, reportsSince: START });
  });

  test('show which operations another process began: this one sends nothing of them', () => {
    const { record, other, ref } = two();
    const theirs = other.begin(unplug({ alias: 'dimm1' }), guarantee());
    record.reconcile(other.write());
    expect([ref.id, theirs.id].map((id) => record.isOwn(id))).toEqual([true, false]);
    expect(record.openSteps.map(({ operation }) => operation.id)).toEqual([ref.id]);
    record.endAll('the VM has ended');
    expect(record.step({ id: theirs.id, index: 0 })?.state).toBe('failed');
  });

  test('show operations of another process, whose progress raises events', () => {
    const { record, other, raised } = two();
    const theirs = { id: other.begin(unplug({ alias: 'dimm1' })).id, index: 0 };
    record.reconcile(other.write());
    record.apply(theirs, 'seen');
    expect(raised().at(-1)).toBe('dimm1 removed');
    expect(record.get(theirs.id)?.endedAt).toBe(START);
  });

  test('after a restart make all operations in them own ones', () => {
    const { record, other } = two();
    const theirs = other.begin(unplug({ alias: 'dimm1' }));
    const text = other.write();
    record.reconcile(text);
    record.resume(text);
    expect(record.isOwn(theirs.id)).toBe(true);
    expect(record.openSteps).toHaveLength(2);
  });

  test('with an older copy of an own record lose nothing here', () => {
    const { record, text, begin, write } = two();
    begin(unplug({ alias: 'dimm1' }));
    write();
    const { operations } = record;
    expect(record.reconcile(text)).toEqual({ seen: 1, isFailedWrite: false });
    expect(record.operations).toBe(operations);
    expect([record.revision, record.isUnsaved]).toEqual([2, true]);
  });

  test('with a record whose write was reported to have failed are written again', () => {
    const { record, begin } = two();
    const undo = record.during(() => {
      begin(unplug({ alias: 'dimm1' }));
    });
    const failed = record.next();
    undo();
    expect(record.isUnsaved).toBe(false);
    expect(record.reconcile(failed)).toEqual({ seen: 2, isFailedWrite: true });
    expect(record.operations).toHaveLength(1);
    expect([record.revision, record.isUnsaved]).toEqual([2, true]);
  });

  test.each(['', 'nonsense'])('without a record, but %j, are written again', (text) => {
    const { record } = two();
    expect(record.reconcile(text)).toEqual({ seen: 0, isFailedWrite: false });
    expect(record.operations).toHaveLength(1);
    expect(record.isUnsaved).toBe(true);
  });

  test('give the total that another process has recorded, if there is none here', () => {
    const { record, other } = two();
    record.baseline.set(undefined);
    other.begin(plug({ alias: 'dimm1' }));
    record.reconcile(other.write());
    expect(record.baseline.total).toEqual(TOTAL);
  });

  test('show the end of an own operation that another process saw first', async () => {
    const { record, other, ref, events, raised } = two();
    const ended = record.ended(ref.id);
    other.record.apply(ref, 'seen');
    record.reconcile(other.write());
    expect(record.get(ref.id)).toMatchObject({ endedAt: START, steps: [{ state: 'done' }] });
    expect(raised()).toEqual(['dimm0 requested', 'dimm0 removed']);
    expect(events.at(-1)?.[0]).toEqual(record.get(ref.id));
    expect(await now(ended)).toBe(record.get(ref.id));
  });

  test('show the end of an own operation of which each process saw a part', async () => {
    const mine = openRecord();
    const { id } = mine.begin(unplug(), unplug({ alias: 'dimm1' }));
    const ended = mine.record.ended(id);
    const other = openRecord('other');
    other.record.resume(mine.write());
    other.record.apply({ id, index: 0 }, 'seen');
    mine.record.apply({ id, index: 1 }, 'seen');
    mine.record.reconcile(other.write());
    expect(mine.record.get(id)).toMatchObject({ endedAt: START, reached: 1024 });
    expect(mine.raised()).toEqual(['dimm1 removed', 'dimm0 removed']);
    expect(await now(ended)).toBe(mine.record.get(id));
  });
});
