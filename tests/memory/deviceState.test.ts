import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import { deviceState, isJudged, plugOf } from '../../src/memory/deviceState.ts';
import type { Operation, PlugStep, StepState, UnplugStep } from '../../src/memory/operation.ts';
import { assertProperty } from '../support/property.ts';
import { dimm, mib } from './domains.ts';
import {
  anyDeviceStep,
  namelessPlug,
  operation,
  operationsOf,
  plug,
  resize,
  STATES,
  unplug,
} from './operations.ts';

const DIMM = dimm(128, 'dimm0');

const knownAfter = (operations: readonly Operation[], { device = DIMM, boot = 0 } = {}) =>
  deviceState({ operations, boot }, device);
const stateAfter = (...steps: readonly (PlugStep | UnplugStep)[]) =>
  knownAfter(operationsOf(...steps.map((step) => [step]))).state;

const online = plug({ state: 'done' });
const removed = unplug({ state: 'done' });

describe('a device', () => {
  test.each<[StepState, string]>([
    ['queued', 'plugged'],
    ['sent', 'plugged'],
    ['failed', 'plugged'],
    ['superseded', 'plugged'],
    ['done', 'guest-online'],
    ['timed-out', 'not-online'],
  ])('whose plug is %s is %s', (state, expected) => {
    expect(stateAfter(plug({ state }))).toBe(expected);
  });

  test('whose plug is done is just plugged if its use is unknown', () => {
    expect(stateAfter(plug({ state: 'done', isUnverified: true }))).toBe('plugged');
  });

  test.each<[StepState, string]>([
    ['queued', 'unplugging'],
    ['sent', 'unplugging'],
    ['timed-out', 'unplugging'],
    ['refused', 'refused'],
    ['failed', 'guest-online'],
    ['superseded', 'guest-online'],
  ])('that the guest uses and whose unplug is %s is %s', (state, expected) => {
    expect(stateAfter(online, unplug({ state }))).toBe(expected);
  });

  test('that no operation is about is just plugged', () => {
    expect(knownAfter([])).toEqual({ state: 'plugged' });
    expect(knownAfter(operationsOf([online]), { device: dimm(128, 'dimm1') })).toEqual({
      state: 'plugged',
    });
    expect(knownAfter(operationsOf([namelessPlug({ state: 'done' })]))).toEqual({
      state: 'plugged',
    });
  });

  test('that only a resize step names is just plugged', () => {
    expect(knownAfter(operationsOf([resize({ alias: 'dimm0' })]))).toEqual({ state: 'plugged' });
  });

  test('comes with the operation that shows its state, and with its message', () => {
    const plugged = operation([online]);
    expect(knownAfter([plugged])).toStrictEqual({ state: 'guest-online', operation: plugged });
    const refusal = operation([
      unplug({ state: 'refused', message: 'no' }),
      unplug({ alias: 'dimm1', message: 'x' }),
    ]);
    expect(knownAfter([...operationsOf([online]), refusal])).toEqual({
      state: 'refused',
      operation: refusal,
      message: 'no',
    });
  });

  test('is unplugging while one request is awaited, even if another one was refused', () => {
    const operations = operationsOf([online], [unplug()], [unplug({ state: 'refused' })]);
    expect(knownAfter(operations)).toEqual({ state: 'unplugging', operation: operations[1] });
  });

  test('is refused also after a later request that failed', () => {
    expect(stateAfter(online, unplug({ state: 'refused' }), unplug({ state: 'failed' }))).toBe(
      'refused',
    );
  });
});

describe('a device that has the alias of an earlier one', () => {
  test('does not inherit its state', () => {
    expect(stateAfter(online, removed)).toBe('plugged');
    expect(stateAfter(plug({ state: 'timed-out' }), unplug({ state: 'done', late: true }))).toBe(
      'plugged',
    );
    expect(stateAfter(unplug({ state: 'refused' }), plug())).toBe('plugged');
    expect(stateAfter(online, unplug({ state: 'refused' }), online)).toBe('guest-online');
  });

  test('is distinguished from it by its place and its size', () => {
    const base = '0x100000000';
    const operations = operationsOf(
      [plug({ state: 'done', base })],
      [unplug({ state: 'timed-out', base })],
    );
    const at = (place: string, size = mib(128)) =>
      knownAfter(operations, { device: { ...DIMM, size, address: { slot: 0, base: place } } })
        .state;
    expect(at(base)).toBe('unplugging');
    expect(at('0x110000000')).toBe('plugged');
    expect(at(base, mib(256))).toBe('plugged');
    expect(knownAfter(operations).state).toBe('unplugging');
  });

  test('has the state that its own steps show', () => {
    expect(stateAfter(removed, online)).toBe('guest-online');
    expect(stateAfter(online, removed, unplug({ state: 'refused' }))).toBe('refused');
  });
});

describe('after the guest has booted again', () => {
  const laterBoot = (...steps: readonly (PlugStep | UnplugStep)[]) =>
    knownAfter(operationsOf(...steps.map((step) => [step])), { boot: 1 }).state;

  test.each<StepState>(['done', 'timed-out'])(
    'a device whose plug was %s is just plugged',
    (state) => {
      expect(laterBoot(plug({ state }))).toBe('plugged');
      expect(laterBoot(plug({ state, boot: 0 }))).toBe('plugged');
    },
  );

  test('a device is in use if this boot was seen to use it', () => {
    expect(laterBoot(plug({ state: 'done', boot: 0, usedInBoot: 1 }))).toBe('guest-online');
    expect(laterBoot(plug({ state: 'done', boot: 0, usedInBoot: 1, isUnverified: true }))).toBe(
      'guest-online',
    );
    expect(laterBoot(plug({ state: 'done', boot: 1, usedInBoot: 0 }))).toBe('plugged');
  });

  test('a device that was plugged in this boot has the state of its plug', () => {
    expect(laterBoot(plug({ state: 'done', boot: 1 }))).toBe('guest-online');
    expect(laterBoot(plug({ state: 'timed-out', boot: 1 }))).toBe('not-online');
  });

  test.each<StepState>(['refused', 'timed-out'])(
    'a request that was %s before does not show any more',
    (state) => {
      expect(laterBoot(unplug({ state }))).toBe('plugged');
      expect(laterBoot(plug({ boot: 1, state: 'done' }), unplug({ state, boot: 0 }))).toBe(
        'guest-online',
      );
    },
  );

  test('a request that was refused or timed out in this boot shows', () => {
    expect(laterBoot(unplug({ state: 'refused', boot: 1 }))).toBe('refused');
    expect(laterBoot(unplug({ state: 'timed-out', boot: 1 }))).toBe('unplugging');
  });

  test('a request that is open shows, in whichever boot it was sent', () => {
    expect(laterBoot(unplug({ state: 'sent', boot: 0 }))).toBe('unplugging');
    expect(laterBoot(unplug({ state: 'queued', attempts: 0 }))).toBe('unplugging');
  });
});

describe('whether this boot of the guest uses a device', () => {
  test('is not judged while its plug is sent', () => {
    expect(STATES.filter((state) => !isJudged(plug({ state }), 0))).toEqual(['sent']);
  });

  test.each<[Partial<PlugStep>, boolean]>([
    [{ boot: 0 }, false],
    [{ boot: 1 }, true],
    [{ boot: 0, usedInBoot: 1 }, true],
    [{ boot: 1, usedInBoot: 0 }, false],
    [{ boot: 2, usedInBoot: 2 }, false],
  ])('is, in boot 1 and with %j, judged: %s', (facts, expected) => {
    expect(isJudged(plug({ state: 'done', ...facts }), 1)).toBe(expected);
  });
});

describe('the step that plugged a device', () => {
  test('is the newest plug of it', () => {
    const operations = operationsOf([online], [removed], [plug(), unplug({ alias: 'dimm1' })]);
    expect(plugOf(operations, DIMM)).toEqual({
      operation: operations[2],
      index: 0,
      step: plug(),
    });
  });

  test('is unknown for a device of another program, or one that came after an unplug', () => {
    expect(plugOf([], DIMM)).toBeUndefined();
    expect(plugOf(operationsOf([unplug({ state: 'refused' })]), DIMM)).toBeUndefined();
    expect(plugOf(operationsOf([online], [removed]), DIMM)).toBeUndefined();
  });
});

test('whatever was recorded, the operation that shows a state is about that device', () => {
  const histories = fc
    .array(fc.array(anyDeviceStep, { maxLength: 3 }), { maxLength: 8 })
    .map((all) => operationsOf(...all));
  assertProperty(
    fc.property(histories, fc.nat(2), (operations, boot) => {
      const { state, operation: shown } = knownAfter(operations, { boot });
      if (state !== 'plugged') expect(shown).toBeDefined();
      if (shown) {
        expect(shown.steps).toContainEqual(
          expect.objectContaining({ alias: 'dimm0', size: DIMM.size }),
        );
      }
    }),
  );
});

describe('a virtio-mem device', () => {
  const known = (requested: number, current: number, ...operations: readonly Operation[]) => {
    const virtioMem = { block: mib(2), requested: mib(requested), current: mib(current) };
    const device: MemoryDevice = { ...dimm(1024, 'virtiomem0'), model: 'virtio-mem', virtioMem };
    return knownAfter(operations, { device });
  };

  test.each<[number, number, StepState | undefined, string]>([
    [512, 512, undefined, 'guest-online'],
    [512, 512, 'done', 'guest-online'],
    [0, 0, undefined, 'plugged'],
    [512, 256, 'sent', 'plugged'],
    [512, 256, undefined, 'plugged'],
    [512, 256, 'timed-out', 'not-online'],
    [256, 512, 'sent', 'unplugging'],
    [256, 512, 'timed-out', 'unplugging'],
  ])('that is to have %i MiB and has %i, its resize %s, is %s', (...row) => {
    const [requested, current, state, expected] = row;
    const operations = state ? [operation([resize({ state })])] : [];
    expect(known(requested, current, ...operations).state).toBe(expected);
  });

  test('comes with its newest resize, and with the message of that', () => {
    const [older, newer] = operationsOf(
      [resize({ state: 'superseded' })],
      [resize({ state: 'timed-out', message: 'slow' })],
    ) as [Operation, Operation];
    expect(known(512, 256, older, newer)).toEqual({
      state: 'not-online',
      operation: newer,
      message: 'slow',
    });
    expect(known(256, 512, older)).toEqual({ state: 'unplugging', operation: older });
    expect(known(256, 512)).toEqual({ state: 'unplugging' });
  });

  test('is just plugged if the guest was too slow for it before it booted again', () => {
    const virtioMem = { block: mib(2), requested: mib(512), current: mib(256) };
    const device = { ...dimm(1024, 'virtiomem0'), virtioMem };
    const stateIn = (boot: number) =>
      knownAfter([operation([resize({ state: 'timed-out', boot: 1 })])], { device, boot }).state;
    expect([stateIn(1), stateIn(2)]).toEqual(['not-online', 'plugged']);
  });

  test('without an alias is known by its sizes alone', () => {
    const virtioMem = { block: mib(2), requested: mib(512), current: mib(0) };
    const operations = [operation([resize({ state: 'timed-out' })])];
    expect(knownAfter(operations, { device: { ...dimm(1024), virtioMem } })).toEqual({
      state: 'plugged',
    });
  });
});
