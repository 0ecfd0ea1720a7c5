import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { idOf, parameters, World } from '../support/world.ts';

test('counts all VMs and those that are Up', async () => {
  const world = await World.open();
  await world.boot(1);
  await world.call('VM.create', { vmID: idOf(2), vmParams: parameters(2) });
  await expect(world.call('Host.getStats')).resolves.toMatchObject({
    vmCount: 2,
    vmActive: 1,
    vmMigrating: 0,
    momStatus: 'inactive',
  });
});

test("has the hypervisor's free memory plus reclaimable caches", async () => {
  const world = await World.open();
  const { free, cached = 0, buffers = 0 } = await world.host.hostMemory();
  await expect(world.call('Host.getStats')).resolves.toMatchObject({
    memFree: Math.floor((free + cached + buffers + 204_800) / 1024),
    swapTotal: 2048,
    swapFree: 1024,
    anonHugePages: '512',
  });
});

test('fails with the reason if the hypervisor does not answer', async () => {
  const world = await World.open();
  const limits: unknown[] = [];
  world.faults.hostMemory = (options) => {
    limits.push(options?.timeout);
    return Promise.reject(new HypervisorError('timed-out', 'no answer'));
  };
  await expect(world.call('Host.getStats')).rejects.toMatchObject({
    code: 16,
    message: 'Unexpected exception: no answer',
  });
  expect(limits).toEqual([2000]);
});
