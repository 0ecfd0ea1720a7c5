import { expect, test } from '@jest/globals';
import type { MemoryDevice } from '../../src/domain-xml/types.ts';
import { goneDevices } from '../../src/memory/goneDevices.ts';
import type { Step } from '../../src/memory/operation.ts';
import { mib } from './domains.ts';
import { operationsOf, plug, unplug } from './operations.ts';

const place = { alias: 'dimm0', size: mib(256), base: '0x1' } as const;
const present = plug({ ...place, isPresent: true, state: 'done' });
const removed = unplug({ ...place, state: 'done' });
const device: MemoryDevice = {
  model: 'dimm',
  alias: 'dimm0',
  size: mib(256),
  node: 0,
  address: { slot: 0, base: '0x1' },
};

const CASES: readonly [string, readonly Step[], readonly MemoryDevice[], number][] = [
  ['that the domain has', [present], [device], 0],
  ['that the domain lacks', [present], [], 1],
  ['whose alias another device has now', [present], [{ ...device, size: mib(128) }], 1],
  ['that was seen to go', [present, removed], [], 0],
  ['whose unplug was not seen to end', [present, unplug({ ...place, state: 'sent' })], [], 1],
  ['that came again under the same alias', [present, removed, present], [], 1],
  ['that came after another one of its alias had gone', [removed, present], [], 1],
  ['of an alias that another plug had too', [present, present], [], 2],
  [
    'beside one that was seen to go',
    [present, unplug({ ...place, alias: 'dimm1', state: 'done' })],
    [],
    1,
  ],
  ['that never came', [plug({ ...place, state: 'sent' })], [], 0],
];

test.each(CASES)('a device %s: gone unseen or not', (_, steps, devices, count) => {
  expect(goneDevices(operationsOf(steps), devices)).toHaveLength(count);
});
