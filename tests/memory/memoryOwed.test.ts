import { expect, test } from '@jest/globals';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import { memoryOwed } from '../../src/memory/memoryOwed.ts';
import type { Action, ChangeState, MemoryJob } from '../../src/memory/jobs.ts';
import { KiB, Milliseconds } from '../../src/common/units.ts';

const dimm = (alias: string, size: number): MemoryDevice => ({
  model: 'dimm',
  alias,
  size: KiB(size),
  node: 0,
});

const virtioMem = (alias: string, requested: number, current: number): MemoryDevice => ({
  ...dimm(alias, 1024),
  model: 'virtio-mem',
  virtioMem: { block: KiB(2), requested: KiB(requested), current: KiB(current) },
});

const job = (
  action: Action,
  { alias = '', size }: MemoryDevice,
  state: ChangeState,
): MemoryJob => ({
  id: `${action} ${alias}`,
  action: 'set-memory',
  flowId: '',
  startedAt: Milliseconds(0),
  changes: [{ action, alias, size, state, attempts: 1 }],
});

test('a guest owes the use of what it has not brought online', () => {
  const [a, b, c, d] = [dimm('a', 128), dimm('b', 256), dimm('c', 512), virtioMem('d', 64, 16)];
  const jobs = [
    job('plug', a, 'online'),
    job('plug', b, 'not-online'),
    job('plug', c, 'requested'),
    job('resize', d, 'timed-out'),
  ];
  expect(memoryOwed('not-online', [a, b, c, d], jobs)).toBe(256 + 48);
  expect(memoryOwed('unplugging', [a, b, c, d], jobs)).toBe(0);
});

test('a guest owes what it was asked for, until it says no', () => {
  const [a, b, c, d] = [dimm('a', 128), dimm('b', 256), dimm('c', 512), virtioMem('d', 16, 64)];
  const jobs = [
    job('plug', a, 'not-online'),
    job('unplug', a, 'requested'),
    job('unplug', b, 'timed-out'),
    job('unplug', c, 'refused'),
  ];
  expect(memoryOwed('unplugging', [a, b, c, d], jobs)).toBe(128 + 256 + 48);
  expect(memoryOwed('not-online', [a, b, c, d], jobs)).toBe(0);
});

test('a guest owes nothing of devices that nobody has changed', () => {
  const devices = [dimm('a', 128), virtioMem('b', 64, 64)];
  expect(memoryOwed('not-online', devices, [])).toBe(0);
  expect(memoryOwed('unplugging', devices, [])).toBe(0);
});
