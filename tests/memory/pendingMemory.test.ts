import { describe, expect, test } from '@jest/globals';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import { type Pending, pendingMemory } from '../../src/memory/pendingMemory.ts';
import type { Operation } from '../../src/memory/operation.ts';
import { dimm, mib } from './domains.ts';
import { operationsOf, plug, resize, unplug } from './operations.ts';

const virtioMem = (alias: string, requested: number, current: number): MemoryDevice => ({
  ...dimm(1024, alias),
  model: 'virtio-mem',
  virtioMem: { block: mib(2), requested: mib(requested), current: mib(current) },
});

const [a, b, c] = [dimm(128, 'a'), dimm(256, 'b'), dimm(512, 'c')];
const facts = ({ alias = '', size }: MemoryDevice) => ({ alias, size });
const pending = (
  state: Pending,
  devices: readonly MemoryDevice[],
  operations: readonly Operation[],
  boot = 0,
) => pendingMemory(state, devices, { operations, boot });

describe('memory that the guest is still to use', () => {
  const devices = [a, b, c, virtioMem('d', 64, 16)];
  const operations = operationsOf(
    [plug({ ...facts(a), state: 'done' })],
    [plug({ ...facts(b), state: 'timed-out' })],
    [plug(facts(c))],
    [resize({ alias: 'd', size: mib(64), state: 'timed-out' })],
  );

  test('is that of devices that it has not brought online in time', () => {
    expect(pending('not-online', devices, operations)).toBe(mib(256 + 48));
    expect(pending('unplugging', devices, operations)).toBe(0);
  });

  test('does not include devices that timed out before a reboot', () => {
    expect(pending('not-online', devices, operations, 1)).toBe(0);
  });
});

test('memory that the guest is still to give back is what was requested and not refused', () => {
  const devices = [a, b, c, virtioMem('d', 16, 64)];
  const operations = operationsOf(
    [plug({ ...facts(a), state: 'timed-out' })],
    [unplug(facts(a))],
    [unplug({ ...facts(b), state: 'timed-out' })],
    [unplug({ ...facts(c), state: 'refused' })],
  );
  expect(pending('unplugging', devices, operations)).toBe(mib(128 + 256 + 48));
  expect(pending('not-online', devices, operations)).toBe(0);
});

test('of virtio-mem devices without operations no memory is pending, nor without devices', () => {
  for (const devices of [[virtioMem('b', 64, 64)], []]) {
    expect(pending('not-online', devices, [])).toBe(0);
    expect(pending('unplugging', devices, [])).toBe(0);
  }
});

describe('it is unknown how much is pending', () => {
  test('of devices that another program plugged', () => {
    expect(pending('not-online', [a], [])).toBeUndefined();
    expect(pending('unplugging', [a], [])).toBeUndefined();
  });

  test('of a device of which the balloon hid whether the guest uses it', () => {
    const operations = operationsOf([plug({ ...facts(a), state: 'done', isUnverified: true })]);
    expect(pending('not-online', [a], operations)).toBeUndefined();
    expect(pending('unplugging', [a], operations)).toBe(0);
  });

  test('but what is known to be pending is told', () => {
    const operations = operationsOf([plug({ ...facts(b), state: 'timed-out' })]);
    expect(pending('not-online', [a, b], operations)).toBe(mib(256));
  });
});
