import { expect, test } from '@jest/globals';
import { openGuest } from '../support/memoryGuest.ts';
import { refusesBadIds } from '../support/vmVerb.ts';

refusesBadIds('VM.getMemoryDevices');

test('lists the devices in MiB, oldest first', async () => {
  const { devices } = await openGuest({ devices: [256, 128] });
  const online = { model: 'dimm', node: 0, state: 'guest-online', job_id: expect.any(String) };
  const message = expect.any(String);
  expect(await devices()).toEqual([
    { ...online, alias: 'dimm0', size_mib: 256, slot: 0, base: '0x100000000', message },
    { ...online, alias: 'dimm1', size_mib: 128, slot: 1, base: '0x110000000', message },
  ]);
});

test('does not call the hypervisor', async () => {
  const { world, devices } = await openGuest({ devices: [128] });
  world.calls.length = 0;
  await devices();
  expect(world.calls).toEqual([]);
});

test('is empty for a VM without devices', async () => {
  const { devices } = await openGuest();
  expect(await devices()).toEqual([]);
});
