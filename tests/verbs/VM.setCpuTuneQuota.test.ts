import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { World } from '../support/world.ts';

refusesBadIds('VM.setCpuTuneQuota', { quota: 50_000 });

const set = (world: World, vmID: string, quota: unknown) =>
  world.call('VM.setCpuTuneQuota', { vmID, quota });

test('is enforced, and reported in the statistics, otherwise MoM would set it in every round', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  expect(await world.stats(vmID)).toMatchObject({ vcpuQuota: '-1' });
  await expect(set(world, vmID, '50000')).resolves.toEqual({ code: 0, message: 'Done' });
  expect(await world.stats(vmID)).toMatchObject({ vcpuQuota: '50000' });
  expect(await world.host.domainXml(vmID)).toContain('<quota>50000</quota>');
});

test('-1 removes the limit', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await set(world, vmID, 50_000);
  await set(world, vmID, -1);
  expect(await world.stats(vmID)).toMatchObject({ vcpuQuota: '-1' });
});

test("a quota below libvirt's minimum is refused with libvirt's error", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(set(world, vmID, 999)).rejects.toMatchObject({
    code: 62,
    message:
      "CpuTune operation is not available: invalid argument: value of 'vcpu_quota' is out of range",
  });
  expect(await world.stats(vmID)).toMatchObject({ vcpuQuota: '-1' });
});

test.each([[-2], [1.5], [null], [true], ['much'], [2 ** 44], [1e300]])(
  'refuses %j without a call to the hypervisor',
  async (quota) => {
    const world = await World.open();
    const vmID = await world.boot();
    world.calls.length = 0;
    await expect(set(world, vmID, quota)).rejects.toMatchObject({ code: -32602 });
    expect(world.calls).toEqual([]);
  },
);

test('a VM that has ended is refused', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.host.guest(vmID).crash();
  await world.seconds(1);
  await expect(set(world, vmID, 50_000)).rejects.toMatchObject({
    code: 62,
    message: expect.stringContaining('the VM is Down'),
  });
});

test("the hypervisor's error reaches the client", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const says = (error: HypervisorError) => {
    world.faults.setCpuTune = () => Promise.reject(error);
  };
  says(new HypervisorError('failed', 'no cgroups here'));
  await expect(set(world, vmID, 50_000)).rejects.toMatchObject({
    code: 62,
    message: 'CpuTune operation is not available: no cgroups here',
  });
  says(new HypervisorError('no-domain', 'gone'));
  await expect(set(world, vmID, 50_000)).rejects.toMatchObject({ code: 1 });
});
