import { describe, expect, test } from '@jest/globals';
import {
  deviceSteps,
  isDeviceStep,
  newestStep,
  placedDeviceSteps,
} from '../../src/memory/operation.ts';
import {
  balloon,
  guarantee,
  KINDS,
  namelessPlug,
  operation,
  operationsOf,
  plug,
  resize,
  stepOf,
  unplug,
} from './operations.ts';

test('only plug, unplug and resize act on devices', () => {
  expect(KINDS.filter((kind) => isDeviceStep(stepOf(kind)))).toEqual(['plug', 'unplug', 'resize']);
});

test('the device steps of an operation keep their order', () => {
  const steps = [balloon(), resize(), guarantee(), plug(), unplug()];
  expect(deviceSteps(operation(steps))).toEqual([resize(), plug(), unplug()]);
});

test('device steps are placed by their operation and by their index among all its steps', () => {
  const operations = operationsOf([balloon(), unplug()], [guarantee()], [plug()]);
  expect(placedDeviceSteps(operations)).toEqual([
    { operation: operations[0], index: 1, step: unplug() },
    { operation: operations[2], index: 0, step: plug() },
  ]);
});

describe('the newest step about a device', () => {
  const operations = operationsOf(
    [plug()],
    [unplug({ state: 'refused' })],
    [unplug({ alias: 'dimm1' })],
    [balloon(), unplug({ state: 'done' })],
  );

  test('is that of the last operation about it, of the kind in question', () => {
    expect(newestStep(operations, 'unplug', 'dimm0')).toEqual({
      operation: operations[3],
      index: 1,
      step: unplug({ state: 'done' }),
    });
    expect(newestStep(operations, 'plug', 'dimm0')?.operation.id).toBe('0');
    expect(newestStep(operations, 'unplug', 'dimm1')?.operation.id).toBe('2');
  });

  test('is none of another device, nor of another kind', () => {
    expect(newestStep(operations, 'unplug', 'dimm2')).toBeUndefined();
    expect(newestStep(operations, 'resize', 'dimm0')).toBeUndefined();
    expect(newestStep([], 'unplug', 'dimm0')).toBeUndefined();
    expect(newestStep([operation([namelessPlug()])], 'plug', '')).toBeUndefined();
  });
});
