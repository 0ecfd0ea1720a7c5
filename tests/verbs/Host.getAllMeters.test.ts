import { expect, test } from '@jest/globals';
import { idOf, World } from '../support/world.ts';

test('is empty on a host without VMs', async () => {
  const world = await World.open();
  expect(await world.call('Host.getAllMeters')).toEqual({});
});

test('has every VM, by id, with any status', async () => {
  const world = await World.open();
  await world.boot(1);
  await world.boot(2);
  world.host.guest(idOf(2)).crash();
  await world.seconds(1);
  expect(await world.call('Host.getAllMeters')).toEqual({
    [idOf(1)]: await world.call('VM.getMeters', { vmID: idOf(1) }),
    [idOf(2)]: {},
  });
});

test('reads samples only: neither this nor the verbs for statistics call the hypervisor', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.host.guest(vmID).hang();
  world.calls.length = 0;
  for (const method of ['Host.getAllMeters', 'Host.getAllVmStats', 'Host.getVMList']) {
    await world.call(method);
  }
  for (const method of ['VM.getMeters', 'VM.getMemoryUsage', 'VM.getStats', 'VM.getBalloonInfo']) {
    await world.call(method, { vmID });
  }
  expect(world.calls).toEqual([]);
});
