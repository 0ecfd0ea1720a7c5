import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, parameters, World } from '../support/world.ts';

refusesBadIds('VM.cont');

test('resumes a paused VM', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.pause', { vmID });
  await expect(world.call('VM.cont', { vmID })).resolves.toEqual({ vmList: {} });
  await expect(world.status(vmID)).resolves.toBe('Up');
  await expect(world.host.listDomains()).resolves.toMatchObject([{ state: 'running' }]);
});

test('does not change a running VM', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(world.call('VM.cont', { vmID })).resolves.toEqual({ vmList: {} });
});

test.each(['starts', 'has ended'])("a VM that %s is refused with VDSM's code", async (state) => {
  const world = await World.open();
  const vmID = idOf(1);
  await world.call('VM.create', { vmID, vmParams: parameters() });
  if (state === 'has ended') {
    await world.sampled();
    world.host.guest(vmID).crash();
    await world.seconds(1);
  }
  await expect(world.call('VM.cont', { vmID })).rejects.toMatchObject({ code: 16 });
});

test("the hypervisor's error reaches the client, and the VM stays paused", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.pause', { vmID });
  world.faults.resumeDomain = () => Promise.reject(new HypervisorError('failed', 'lock lost'));
  await expect(world.call('VM.cont', { vmID })).rejects.toMatchObject({
    code: 16,
    message: 'Unexpected exception: lock lost',
  });
  await expect(world.status(vmID)).resolves.toBe('Paused');
});
