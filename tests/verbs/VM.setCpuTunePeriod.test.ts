import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { World } from '../support/world.ts';

refusesBadIds('VM.setCpuTunePeriod', { period: 100_000 });

const set = (world: World, vmID: string, period: unknown) =>
  world.call('VM.setCpuTunePeriod', { vmID, period });

test('is enforced beside the quota, and reported in the statistics', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.setCpuTuneQuota', { vmID, quota: 50_000 });
  await expect(set(world, vmID, 200_000)).resolves.toEqual({ code: 0, message: 'Done' });
  expect(await world.stats(vmID)).toMatchObject({ vcpuQuota: '50000', vcpuPeriod: 200_000 });
  await set(world, vmID, '100000');
  expect(await world.stats(vmID)).toMatchObject({ vcpuQuota: '50000', vcpuPeriod: 100_000 });
});

test('is kept over a restart of vmemd', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await set(world, vmID, 200_000);
  await world.restart();
  expect(await world.stats(vmID)).toMatchObject({ vcpuPeriod: 200_000 });
});

test.each([[999], [1_000_001], [-1], [0], [null], [1500.5], ['']])(
  'refuses %j without a call to the hypervisor',
  async (period) => {
    const world = await World.open();
    const vmID = await world.boot();
    world.calls.length = 0;
    await expect(set(world, vmID, period)).rejects.toMatchObject({ code: -32602 });
    expect(world.calls).toEqual([]);
  },
);

test("the hypervisor's error reaches the client", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.setCpuTune = () => Promise.reject(new HypervisorError('failed', 'no cgroups'));
  await expect(set(world, vmID, 90_000)).rejects.toMatchObject({ code: 62 });
});
