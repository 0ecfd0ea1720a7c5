import { describe, expect, test } from '@jest/globals';
import { KiB, MiB, Milliseconds } from '../../../src/common/units.ts';
import { deviceKey } from '../../../src/memory/identity.ts';
import type { Operation } from '../../../src/memory/operation.ts';
import {
  asNew,
  balloon,
  guarantee,
  namelessPlug,
  nextRun,
  plug,
  resize,
  statesOf,
  unplug,
} from '../../memory/operations.ts';
import { now, openRecord, REQUEST, START, TOTAL } from './openRecord.ts';

describe('an operation that begins', () => {
  test('has its steps queued, and raises no event', () => {
    const { record, begin, raised } = openRecord();
    const operation = begin(unplug(), unplug({ alias: 'dimm1' }));
    expect(operation).toMatchObject({ ...REQUEST, startedAt: START });
    expect(operation.steps).toEqual(
      ['dimm0', 'dimm1'].map((alias) => unplug({ alias, state: 'queued', attempts: 0 })),
    );
    expect(record.operations).toEqual([operation]);
    expect(raised()).toEqual([]);
  });

  test('has an id after which devices can be named', () => {
    const { record } = openRecord();
    const { id, steps } = record.begin(REQUEST, (name) => [asNew(unplug({ alias: `ua-${name}` }))]);
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(steps[0]).toMatchObject({ alias: `ua-${id}` });
    expect(record.get(id)?.id).toBe(id);
    expect(record.step({ id, index: 0 })).toBe(steps[0]);
    expect(record.isOwn(id)).toBe(true);
  });

  test.each([
    ['sent', 'requested', undefined],
    ['timed-out', 'timed-out', 'deadline'],
  ] as const)('replaces another size of its device that is %s, with an event', (...row) => {
    const [, word, fact] = row;
    const { record, begin, send, raised } = openRecord();
    const ref = send(resize());
    if (fact) record.apply(ref, fact);
    begin(resize({ size: KiB(2048) }));
    expect(raised().at(-2)).toBe(`virtiomem0 ${word}`);
    expect(raised().at(-1)).toBe('virtiomem0 superseded');
    expect(record.step(ref)?.state).toBe('superseded');
  });

  test('ends the operation that it replaces', async () => {
    const { clock, record, begin, send, events } = openRecord();
    const ref = send(resize());
    const ended = record.ended(ref.id);
    await clock.advance(Milliseconds(1000));
    begin(resize({ size: KiB(2048) }));
    expect(record.get(ref.id)?.endedAt).toBe(START + 1000);
    expect(events.at(-1)?.[0].endedAt).toBe(START + 1000);
    expect(await ended).toBe(record.get(ref.id));
  });

  test('leaves a size alone that was reached', () => {
    const { record, begin, send, raised } = openRecord();
    record.apply(send(resize()), 'seen');
    begin(resize({ size: KiB(2048) }));
    expect(raised()).toEqual(['virtiomem0 requested', 'virtiomem0 reached']);
  });

  test('replaces an unwritten size of the next run without an event', () => {
    const { record, begin, raised } = openRecord();
    const { id } = begin(nextRun());
    begin(nextRun());
    expect(record.step({ id, index: 0 })?.state).toBe('superseded');
    expect(record.get(id)).not.toHaveProperty('endedAt');
    expect(raised()).toEqual([]);
  });
});

describe('a fact about a step', () => {
  test('raises an event if the state of a device changes, and only then', () => {
    const { record, send, events, raised } = openRecord();
    const ref = send(unplug());
    record.apply(ref, 'send');
    record.apply(ref, 'guest-refused', { message: 'no' });
    expect(raised()).toEqual(['dimm0 requested', 'dimm0 refused']);
    expect(events[1]?.[1]).toMatchObject({ attempts: 2, message: 'no' });
    expect(events[1]?.[0]).toBe(record.get(ref.id));
  });

  test('raises no event about steps of other kinds', () => {
    const { record, send, raised } = openRecord();
    record.apply(send(balloon(), guarantee()), 'seen');
    expect(raised()).toEqual([]);
  });

  test('raises no event about a device that has no alias yet', () => {
    const { record, send, raised } = openRecord();
    record.apply(send(namelessPlug()), 'rejected');
    expect(raised()).toEqual([]);
  });

  test('comes with the time and the boot in which it was sent', async () => {
    const { clock, record, begin, send } = openRecord();
    const ref = send(unplug());
    expect(record.step(ref)).toMatchObject({ sentAt: START, boot: 0 });
    await clock.advance(Milliseconds(1000));
    record.countBoot();
    record.apply(ref, 'resend');
    expect(record.step(ref)).toMatchObject({ sentAt: START, boot: 0 });
    record.apply(ref, 'send', { boot: 7 });
    expect(record.step(ref)).toMatchObject({ sentAt: START + 1000, boot: 7 });
    const later = { id: begin(plug()).id, index: 0 };
    record.apply(later, 'send');
    expect(record.step(later)).toMatchObject({ sentAt: START + 1000, boot: 1 });
  });

  test('ends the operation with the last open device step, once', async () => {
    const { clock, vm, record, begin, events } = openRecord();
    const { id } = begin(unplug(), unplug({ alias: 'dimm1' }));
    record.apply({ id, index: 0 }, 'seen');
    expect(record.get(id)).not.toHaveProperty('endedAt');
    await clock.advance(Milliseconds(1000));
    record.apply({ id, index: 1 }, 'send');
    record.apply({ id, index: 1 }, 'deadline');
    await clock.advance(Milliseconds(1000));
    vm.memory = MiB(512);
    record.apply({ id, index: 1 }, 'seen');
    const endedAt = START + 1000;
    const ends = [undefined, undefined, endedAt, endedAt];
    expect(events.map(([operation]) => operation.endedAt)).toEqual(ends);
    expect(record.get(id)).toMatchObject({ endedAt, reached: 1024 });
  });

  test('of no operation and of no step has no effect', () => {
    const { record, begin, raised } = openRecord();
    const operation = begin(unplug());
    record.apply({ id: 'nosuch', index: 0 }, 'seen');
    record.apply({ id: operation.id, index: 7 }, 'seen');
    expect(record.operations).toEqual([operation]);
    expect(record.step({ id: 'nosuch', index: 0 })).toBeUndefined();
    expect(record.step({ id: operation.id, index: 7 })).toBeUndefined();
    expect(raised()).toEqual([]);
  });

  test('throws if the table has no such transition, and changes nothing', () => {
    const { record, send, raised } = openRecord();
    const ref = send(unplug());
    record.apply(ref, 'seen');
    const { operations } = record;
    expect(() => {
      record.apply(ref, 'send');
    }).toThrow('a step (unplug) that is done has no transition for "send"');
    expect(record.operations).toBe(operations);
    expect(raised()).toHaveLength(2);
  });

  test('of an unplug whose guarantee was waiting leaves the guarantee open', () => {
    const { record, send } = openRecord();
    const ref = send(unplug(), guarantee());
    record.apply(ref, 'seen');
    expect(record.get(ref.id)).toHaveProperty('endedAt');
    expect(record.openSteps.map(({ step }) => step.kind)).toEqual(['guarantee']);
    record.apply({ id: ref.id, index: 1 }, 'seen');
    expect(record.openSteps).toEqual([]);
  });
});

describe('a device that is identified', () => {
  const device = {
    model: 'dimm',
    alias: 'dimm3',
    size: KiB(262_144),
    node: 0,
    address: { slot: 0, base: '0x100000000' },
  };
  const shown = { alias: 'dimm3', base: '0x100000000', isPresent: true };

  test('raises the event that waited for its alias', () => {
    const { record, send, events, raised } = openRecord();
    const ref = send(namelessPlug({ before: ['dimm0'] }));
    record.identify(ref, device);
    expect(record.step(ref)).toMatchObject(shown);
    expect(record.step(ref)).not.toHaveProperty('before');
    expect(raised()).toEqual(['dimm3 requested']);
    expect(events[0]?.[0]).toBe(record.get(ref.id));
  });

  test('is none of another plug without an alias, also once its own has ended', () => {
    const { record, send } = openRecord();
    const [first, second] = [
      send(namelessPlug({ before: [] })),
      send(namelessPlug({ before: [] })),
    ];
    record.identify(first, device);
    record.apply(first, 'seen');
    expect(record.step(second)).toMatchObject({ before: [deviceKey(device)] });
  });

  test('raises no event if its alias was known', () => {
    const { record, send, raised } = openRecord();
    const ref = send(plug({ alias: 'dimm3' }));
    record.identify(ref, device);
    expect(record.step(ref)).toMatchObject(shown);
    expect(raised()).toEqual(['dimm3 requested']);
  });

  test('is none of a step of another kind, nor of no step', () => {
    const { record, send, raised } = openRecord();
    const ref = send(unplug());
    record.identify(ref, device);
    record.identify({ id: 'nosuch', index: 0 }, device);
    expect(record.step(ref)).not.toHaveProperty('isPresent');
    expect(raised()).toEqual(['dimm0 requested']);
  });

  test('can be marked as used by this boot of the guest', () => {
    const { record, send } = openRecord();
    const ref = send(plug());
    record.countBoot();
    record.markUsed(ref);
    expect(record.step(ref)).toMatchObject({ boot: 0, usedInBoot: 1 });
  });
});

describe('when the run ends', () => {
  test('open steps fail, and ended ones stay as they are', () => {
    const { record, begin, raised } = openRecord();
    const { id } = begin(unplug(), unplug({ alias: 'dimm1' }), balloon());
    record.apply({ id, index: 0 }, 'send');
    record.apply({ id, index: 0 }, 'deadline');
    record.endAll('the VM has ended');
    expect(raised()).toEqual(['dimm0 requested', 'dimm0 timed-out', 'dimm1 failed']);
    expect(record.get(id)?.steps.slice(1)).toEqual([
      unplug({ alias: 'dimm1', state: 'failed', attempts: 0, message: 'the VM has ended' }),
      balloon({ state: 'failed', attempts: 0, message: 'the VM has ended' }),
    ]);
  });

  test('steps that depend on others fail with them', () => {
    const { record, begin } = openRecord();
    const { id } = begin(unplug(), guarantee(), nextRun());
    record.endAll('the VM has ended');
    expect(statesOf(record.get(id) as Operation)).toEqual(['failed', 'failed', 'failed']);
    expect(record.openSteps).toEqual([]);
  });

  test('and another one begins, nothing of it is kept', () => {
    const { record, send, raised, write } = openRecord();
    const ref = send(unplug());
    record.countBoot();
    record.baseline.set(TOTAL);
    write();
    record.clear(true);
    expect(raised()).toEqual(['dimm0 requested', 'dimm0 failed']);
    expect(record.get(ref.id)).toBeUndefined();
    expect([record.operations, record.boot, record.baseline.total]).toEqual([[], 0, undefined]);
    expect(record.revision).toBe(0);
    expect(record.times.startedAt).toBe(record.now);
  });
});

describe('another boot of the guest', () => {
  test('is counted if there are operations', () => {
    const { record, begin } = openRecord();
    record.countBoot();
    expect(record.boot).toBe(0);
    begin(unplug());
    record.countBoot();
    record.countBoot();
    expect(record.boot).toBe(2);
  });

  test("forgets the guest's total", async () => {
    const { clock, record } = openRecord();
    record.baseline.set(TOTAL);
    await clock.advance(Milliseconds(1000));
    record.countBoot();
    expect([record.baseline.total, record.baseline.changedAt]).toEqual([undefined, START + 1000]);
  });
});

describe('the times of a run', () => {
  test('are kept when the guest boots again, but for the time since when it reports', async () => {
    const { clock, record } = openRecord();
    record.clear(true);
    await clock.advance(Milliseconds(1000));
    record.countBoot();
    expect(record.times).toEqual({ startedAt: START, reportsSince: START + 1000 });
  });

  test.each([
    [true, START],
    [false, undefined],
  ])('begin where another process continues the guest (seen: %j)', async (isSeen, startedAt) => {
    const { record, send } = openRecord();
    const wait = record.ended(send(unplug()).id);
    record.countRestore(isSeen);
    expect(record.times).toEqual({ startedAt, reportsSince: START });
    expect(await now(wait)).toMatchObject({ steps: [{ state: 'sent' }] });
    expect(record.operations).toHaveLength(1);
  });
});

test('an operation that is taken over is an own one', () => {
  const { record, send, write } = openRecord('other');
  const { id } = send(unplug());
  const mine = openRecord();
  mine.record.reconcile(write());
  expect([mine.record.isOwn(id), mine.record.openSteps.length]).toEqual([false, 0]);
  mine.record.takeOver(id);
  expect([mine.record.isOwn(id), mine.record.openSteps.length]).toEqual([true, 1]);
  expect(record.isOwn(id)).toBe(true);
});

test('open sizes of the next run can leave its guarantee alone', () => {
  const { record, begin } = openRecord();
  const ended = begin(nextRun());
  const { id } = begin(plug(), nextRun());
  record.keepNextGuarantee('next-run');
  expect(record.step({ id, index: 1 })).toMatchObject({ before: [{ memory: 2048 }] });
  expect(record.step({ id, index: 1 })).not.toHaveProperty('before.0.guaranteed');
  expect(record.step({ id: ended.id, index: 0 })).toMatchObject({ before: [] });
});
