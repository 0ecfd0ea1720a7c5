import { expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';
import { wireEvent } from '../../../src/vm/report/wireEvents.ts';
import { World } from '../../support/world.ts';

const open = async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const vm = world.vms.get(vmID);
  return { world, vmID, vm };
};

test('an event has a name of four parts, the id as key, and a time that is a number', async () => {
  const { vmID, vm } = await open();
  const { method, params } = wireEvent(vm, { kind: 'balloon-change', current: KiB(5) });
  expect(method).toBe(`|virt|VM_memory|${vmID}`);
  expect(params).toEqual({
    [vmID]: { event: 'balloon-change', balloon_cur: '5' },
    notify_time: 2 ** 31 - 1 + 30_000,
  });
});

test('a status event has all fields of VM.getStats', async () => {
  const { world, vmID, vm } = await open();
  const { method, params } = wireEvent(vm, { kind: 'status', status: 'Up' });
  expect(method).toBe(`|virt|VM_status|${vmID}`);
  expect(params).toMatchObject({ [vmID]: await world.stats(vmID) });
});

test('a device event without a known size has no size', async () => {
  const { vmID, vm } = await open();
  const news = { kind: 'device-removal-failed', alias: 'dimm7' } as const;
  const { params } = wireEvent(vm, news);
  expect(params).toMatchObject({
    [vmID]: { event: 'device-removal-failed', alias: 'dimm7', memory_mib: 1024 },
  });
  expect((params as Record<string, object>)[vmID]).not.toHaveProperty('size_mib');
});

test('a device event has the present memory, not the full size of virtio-mem', async () => {
  const world = await World.open();
  const specParams = { size: 1024, block: 2 };
  const device = { type: 'memory', device: 'memory', model: 'virtio-mem', specParams };
  const vmID = await world.boot(1, { maxMemSize: 4096, devices: [device] });
  const news = { kind: 'device-removal-failed', alias: 'dimm7' } as const;
  const { params } = wireEvent(world.vms.get(vmID), news);
  expect(params).toMatchObject({ [vmID]: { memory_mib: 1024 } });
});

test('the time of each event is later than that of the one before', async () => {
  const { world, vmID } = await open();
  await world.call('VM.pause', { vmID });
  await world.seconds(1);
  await world.call('VM.cont', { vmID });
  const times = world.told.map(({ params }) => Number(params['notify_time']));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.length).toBeGreaterThan(3);
});
