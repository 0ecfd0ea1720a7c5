import { expect, test } from '@jest/globals';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import { grow } from '../../src/memory/grow.ts';
import { dimms, virtioMem, mib, vmWith } from './domains.ts';

const grown = (devices: readonly MemoryDevice[], increment: number): unknown => {
  const steps = grow(vmWith(devices), mib(increment), {
    splitFirstBlock: true,
    slotRule: 'all-devices' as const,
  });
  if ('obstacle' in steps) return steps;
  return steps.changes.map((change) => {
    if (change.action === 'unplug') return change;
    return change.action === 'plug' ?
        change.size / 1024
      : `${change.alias}: ${change.from / 1024} to ${change.to / 1024}`;
  });
};

test.each([
  [
    'virtio-mem grows before DIMMs come, the oldest first',
    [...dimms(128), ...virtioMem({ size: 512, requested: 256 }, { size: 512, requested: 0 })],
    300,
    ['virtiomem0: 256 to 512', 'virtiomem1: 0 to 44'],
  ],
  [
    'virtio-mem is rounded up to its block',
    virtioMem({ size: 64, requested: 2 }),
    5,
    ['virtiomem0: 2 to 8'],
  ],
  [
    'coarse blocks give way where finer ones make the sum smaller',
    virtioMem({ size: 1024, requested: 0, block: 512 }, { size: 64, requested: 0 }),
    530,
    ['virtiomem0: 0 to 512', 'virtiomem1: 0 to 18'],
  ],
  [
    'what virtio-mem has no room for goes into DIMMs, and virtio-mem makes the sum exact',
    virtioMem({ size: 512, requested: 256 }),
    300,
    ['virtiomem0: 256 to 428', 128],
  ],
  [
    'DIMMs alone come where virtio-mem is full',
    virtioMem({ size: 64, requested: 64 }),
    512,
    [128, 384],
  ],
])('%s', (_, devices, increment, expected) => {
  expect(grown(devices, increment)).toEqual(expected);
});

test('a growth whose DIMMs cannot be plugged is refused as a whole', () => {
  const domain = vmWith(virtioMem({ size: 64, requested: 0 }), { numaCells: 0 });
  expect(
    grow(domain, mib(128), { splitFirstBlock: false, slotRule: 'all-devices' as const }),
  ).toEqual({
    obstacle: expect.stringContaining('NUMA cell'),
  });
});
