import { describe, expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';
import { balloon, guarantee, nextRun, statesOf, unplug } from '../../memory/operations.ts';
import { now, openRecord, PENDING, TOTAL } from './openRecord.ts';

describe('a caller that waits for an operation', () => {
  test('gets it when it ends, and not when another one does', async () => {
    const { record, begin } = openRecord();
    const [first, second] = [begin(unplug()), begin(unplug({ alias: 'dimm1' }))];
    const ended = record.ended(second.id);
    record.apply({ id: first.id, index: 0 }, 'seen');
    expect(await now(ended)).toBe(PENDING);
    record.apply({ id: second.id, index: 0 }, 'send');
    record.apply({ id: second.id, index: 0 }, 'guest-refused');
    expect(await ended).toBe(record.get(second.id));
    expect((await ended)?.steps[0]?.state).toBe('refused');
  });

  test('gets it at once if no device step of it is open', async () => {
    const { record, send } = openRecord();
    const ref = send(unplug(), guarantee());
    record.apply(ref, 'seen');
    expect(await now(record.ended(ref.id))).toBe(record.get(ref.id));
    const target = send(balloon());
    expect(await now(record.ended(target.id))).toBe(record.get(target.id));
  });

  test('gets undefined if there is no such operation', async () => {
    expect(await now(openRecord().record.ended('nosuch'))).toBeUndefined();
  });

  test.each(['clear', 'endAll'] as const)('gets it as failed with %s', async (end) => {
    const { record, begin } = openRecord();
    const ended = record.ended(begin(unplug()).id);
    if (end === 'clear') record.clear(true);
    else record.endAll('over');
    await expect(ended).resolves.toMatchObject({ steps: [{ state: 'failed' }] });
  });

  test('gets it as it stands when the waits end', async () => {
    const { record, send } = openRecord();
    const ref = send(unplug());
    const ended = record.ended(ref.id);
    record.endWaits();
    expect((await ended)?.steps[0]?.state).toBe('sent');
    expect(record.get(ref.id)).not.toHaveProperty('endedAt');
  });

  test('gets it at once when vmemd stops, also if the wait begins later', async () => {
    const { record, send } = openRecord();
    record.stopWaits();
    const ref = send(unplug());
    expect(await now(record.ended(ref.id))).toBe(record.get(ref.id));
  });
});

describe('while events are deferred', () => {
  test('clients see the operations and the boot from before', async () => {
    const { record, begin, send, raised } = openRecord();
    const { id } = begin(unplug());
    const before = record.operations;
    await record.deferEvents(async () => {
      record.apply({ id, index: 0 }, 'send');
      send(unplug({ alias: 'dimm1' }));
      record.countBoot();
      expect(record.published).toEqual({ operations: before, boot: 0 });
      expect(record.operations).toHaveLength(2);
      expect(raised()).toEqual([]);
    });
    expect(record.published).toBe(record);
    expect(raised()).toEqual(['dimm0 requested', 'dimm1 requested']);
  });

  test('no wait ends', async () => {
    const { record, send } = openRecord();
    const ref = send(unplug());
    const ended = record.ended(ref.id);
    await record.deferEvents(async () => {
      record.apply(ref, 'seen');
      expect(await now(ended)).toBe(PENDING);
    });
    expect(await ended).toBe(record.get(ref.id));
  });

  test('the result of the work is returned, and its error thrown, after the events', async () => {
    const { record, begin, raised } = openRecord();
    const { id } = begin(unplug());
    await expect(record.deferEvents(() => Promise.resolve('result'))).resolves.toBe('result');
    const failing = record.deferEvents(async () => {
      record.apply({ id, index: 0 }, 'send');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(raised()).toEqual(['dimm0 requested']);
    expect(record.published).toBe(record);
  });

  test('work within the work waits for the outer one', async () => {
    const { record, begin, raised } = openRecord();
    const { id } = begin(unplug());
    const before = record.operations;
    await record.deferEvents(async () => {
      begin(nextRun());
      await record.deferEvents(async () => {
        record.apply({ id, index: 0 }, 'send');
      });
      expect(raised()).toEqual([]);
      expect(record.published.operations).toBe(before);
    });
    expect(raised()).toEqual(['dimm0 requested']);
  });

  test('an event shows the operation as it was at that time', async () => {
    const { record, send, events } = openRecord();
    const ref = send(unplug());
    await record.deferEvents(async () => {
      record.apply(ref, 'deadline');
      record.apply(ref, 'seen');
    });
    expect(events.slice(1).map(([{ steps }, step]) => [steps[0]?.state, step.state])).toEqual([
      ['timed-out', 'timed-out'],
      ['done', 'done'],
    ]);
  });
});

describe('a checkpoint', () => {
  test('undoes what is recorded during it, with its events', async () => {
    const { record, begin, send, raised } = openRecord();
    const { id } = begin(unplug());
    record.baseline.set(TOTAL);
    await record.deferEvents(async () => {
      record.apply({ id, index: 0 }, 'send');
      const { operations } = record;
      const undo = record.during(() => {
        record.apply({ id, index: 0 }, 'seen');
        send(unplug({ alias: 'dimm1' }));
        record.baseline.set(undefined);
      });
      undo();
      expect(record.operations).toEqual(operations);
    });
    expect(record.baseline.total).toEqual(TOTAL);
    expect(raised()).toEqual(['dimm0 requested']);
  });

  test('keeps what is recorded after it, with its events', async () => {
    const { record, begin, send, raised } = openRecord();
    const { id } = begin(unplug());
    record.apply({ id, index: 0 }, 'send');
    await record.deferEvents(async () => {
      const undo = record.during(() => {
        send(unplug({ alias: 'dimm1' }));
      });
      record.endAll('the VM has ended');
      undo();
    });
    expect(record.operations.map((operation) => operation.id)).toEqual([id]);
    expect(record.step({ id, index: 0 })?.state).toBe('failed');
    expect(raised()).toEqual(['dimm0 requested', 'dimm0 failed', 'dimm1 failed']);
  });

  test('leaves alone what was recorded since about another step, or of the total', () => {
    const { record, begin } = openRecord();
    const { id } = begin(unplug(), unplug({ alias: 'dimm1' }));
    record.baseline.set(TOTAL);
    const undo = record.during(() => {
      record.apply({ id, index: 0 }, 'send');
      record.baseline.set(undefined);
    });
    record.apply({ id, index: 1 }, 'send');
    const total = { available: KiB(500), held: KiB(0) };
    record.baseline.set(total);
    const later = begin(nextRun());
    undo();
    expect(record.operations.map(statesOf)).toEqual([['queued', 'sent'], ['queued']]);
    expect(record.get(later.id)).toBeDefined();
    expect(record.baseline.total).toEqual(total);
  });

  test('that is not undone changes nothing', () => {
    const { record, begin } = openRecord();
    record.during(() => {
      begin(unplug());
    });
    expect(record.operations).toHaveLength(1);
  });
});
