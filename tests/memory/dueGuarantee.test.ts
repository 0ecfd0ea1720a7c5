import { describe, expect, test } from '@jest/globals';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import { MiB } from '../../src/common/units.ts';
import { dueGuarantee } from '../../src/memory/dueGuarantee.ts';
import type { DeviceStep, Operation, StepState } from '../../src/memory/operation.ts';
import { dimm, mib, vmWith } from './domains.ts';
import {
  balloon,
  guarantee,
  operationsOf,
  namelessPlug,
  plug,
  resize,
  STATES,
  unplug,
} from './operations.ts';

const virtioMem = (requested: number, current: number): MemoryDevice => ({
  ...dimm(1024, 'virtiomem0'),
  model: 'virtio-mem',
  virtioMem: { block: mib(2), requested: mib(requested), current: mib(current) },
});

const due = (operations: readonly Operation[], ...devices: readonly MemoryDevice[]) =>
  dueGuarantee(operations, vmWith(devices));

/** The states of a step in which a guarantee that waits for it is due. */
const statesDue = (
  step: (facts: { readonly state: StepState }) => DeviceStep,
  ...devices: readonly MemoryDevice[]
): StepState[] =>
  STATES.filter((state) => due(operationsOf([step({ state }), guarantee()]), ...devices));

test('a guarantee that holds at once is due without any device', () => {
  const [operation] = operationsOf([guarantee({ when: 'now' })]);
  expect(due([operation as Operation])).toEqual({
    operation,
    index: 0,
    step: guarantee({ when: 'now' }),
    guaranteed: 300,
    isAll: true,
  });
});

test('of an operation without a guarantee none is due', () => {
  expect(due([])).toBeUndefined();
  expect(due(operationsOf([unplug({ state: 'done' }), balloon()]))).toBeUndefined();
});

describe('a guarantee that waits for a device', () => {
  test('is due when an unplug is done, and in no other state of it', () => {
    expect(statesDue(unplug)).toEqual(['done']);
    expect(statesDue(unplug, dimm(128, 'dimm0'))).toEqual(['done']);
  });

  test('is due when a plugged device is there, whatever the guest does with it', () => {
    expect(statesDue(plug, dimm(128, 'dimm0'))).toEqual(STATES);
    expect(statesDue(plug)).toEqual([]);
    expect(statesDue(plug, dimm(256, 'dimm0'))).toEqual([]);
    expect(statesDue(namelessPlug, dimm(128, 'dimm0'))).toEqual([]);
  });

  test('is due when a device is to have another size and gives no more than that', () => {
    const states: StepState[] = ['queued', 'sent', 'timed-out', 'done', 'refused'];
    expect(statesDue(resize, virtioMem(512, 512))).toEqual(states);
    expect(statesDue(resize, virtioMem(512, 0))).toEqual(states);
  });

  test.each<[string, readonly MemoryDevice[]]>([
    ['gives more than that still', [virtioMem(512, 514)]],
    ['is to have another size by now', [virtioMem(256, 256)]],
    ['is gone', []],
  ])('is not due while a device that is to shrink %s', (_, devices) => {
    expect(statesDue(resize, ...devices)).toEqual([]);
  });

  test('is due with the first of several devices', () => {
    const steps = [unplug(), unplug({ alias: 'dimm1', state: 'done' }), guarantee()];
    expect(due(operationsOf(steps))).toMatchObject({ index: 2, guaranteed: 300, isAll: true });
  });

  test('is never due without a device', () => {
    expect(due(operationsOf([balloon({ state: 'done' }), guarantee()]))).toBeUndefined();
  });
});

test('only an open guarantee is due', () => {
  const isDue = (state: StepState) => due(operationsOf([guarantee({ when: 'now', state })]));
  expect(STATES.filter(isDue)).toEqual(['queued', 'sent']);
});

describe('of several guarantees', () => {
  const done = unplug({ state: 'done' });
  const at = (guaranteed: number) => guarantee({ guaranteed: MiB(guaranteed) });

  test('the newest that is due counts', () => {
    const operations = operationsOf([done, at(100)], [done, at(200)], [unplug(), at(300)]);
    expect(due(operations)).toMatchObject({ guaranteed: 200, operation: { id: '1' } });
  });

  test('one that has ended does not hide an older one', () => {
    const ended = guarantee({ state: 'failed' });
    expect(due(operationsOf([done, at(100)], [done, ended]))).toMatchObject({ guaranteed: 100 });
  });
});

describe('a guarantee of more than the VM has', () => {
  const much = guarantee({ guaranteed: MiB(1200) });
  const came = plug({ state: 'done' });

  test('is as much as there is while devices are still to come', () => {
    const steps = [came, plug({ alias: 'dimm1', state: 'queued', attempts: 0 }), much];
    expect(due(operationsOf(steps), dimm(128, 'dimm0'))).toMatchObject({
      guaranteed: 1152,
      isAll: false,
    });
  });

  test('is as much as there is, for good, when no more devices come', () => {
    const steps = [came, plug({ alias: 'dimm1', state: 'failed' }), much];
    expect(due(operationsOf(steps), dimm(128, 'dimm0'))).toMatchObject({
      guaranteed: 1152,
      isAll: true,
    });
  });

  test('is all that was requested as soon as there is that much', () => {
    const steps = [came, plug({ alias: 'dimm1' }), much];
    expect(due(operationsOf(steps), dimm(256, 'dimm0'), dimm(128, 'dimm0'))).toMatchObject({
      guaranteed: 1200,
      isAll: true,
    });
  });

  test('does not count memory that the balloon does not act on', () => {
    const steps = [guarantee({ when: 'now', guaranteed: MiB(1200) })];
    expect(due(operationsOf(steps), virtioMem(512, 512))).toMatchObject({ guaranteed: 1024 });
  });
});
