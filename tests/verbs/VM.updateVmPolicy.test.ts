import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, World } from '../support/world.ts';

refusesBadIds('VM.updateVmPolicy', { params: { vmId: idOf(1), vcpuLimit: 50 } });

const update = (world: World, vmID: string, policy: object) =>
  world.call('VM.updateVmPolicy', { vmID, params: { vmId: vmID, ...policy } });

test('keeps the CPU limit for MoM, which the engine sends as text', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  expect(await world.stats(vmID)).not.toHaveProperty('vcpuUserLimit');
  await expect(update(world, vmID, { vcpuLimit: '50' })).resolves.toEqual({
    code: 0,
    message: 'Done',
  });
  expect(await world.stats(vmID)).toMatchObject({ vcpuUserLimit: 50 });
  expect(await world.stats(vmID)).toMatchObject({ vcpuQuota: '-1' });
  await update(world, vmID, { vcpuLimit: 75 });
  expect(await world.stats(vmID)).toMatchObject({ vcpuUserLimit: 75 });
});

test('null removes the limit', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await update(world, vmID, { vcpuLimit: 50 });
  await update(world, vmID, { vcpuLimit: null });
  expect(await world.stats(vmID)).not.toHaveProperty('vcpuUserLimit');
});

test('the limit is kept over a restart of vmemd, and does not change the guarantee in the metadata', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await update(world, vmID, { vcpuLimit: 50 });
  await world.restart();
  await world.sampled();
  expect(await world.stats(vmID)).toMatchObject({
    vcpuUserLimit: 50,
    balloonInfo: { balloon_min: '524288' },
  });
});

test('metadata that another program has written meanwhile are kept', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.host.setMetadata(vmID, {
    prefix: 'ovirt-tune',
    uri: 'http://ovirt.org/vm/tune/1.0',
    xml: '<qos><ioTune><device name="vda"/></ioTune></qos>',
  });
  await update(world, vmID, { vcpuLimit: 50 });
  const xml = await world.host.domainXml(vmID);
  expect(xml).toContain('<ovirt-tune:device name="vda"/>');
  expect(xml).toContain('<ovirt-tune:vcpuLimit>50</ovirt-tune:vcpuLimit>');
});

test('parameters without vmId are refused as in VDSM', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(
    world.call('VM.updateVmPolicy', { vmID, params: { vcpuLimit: 50 } }),
  ).rejects.toMatchObject({ code: 100, message: expect.stringContaining('params.vmId') });
});

test('an empty policy is refused', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(update(world, vmID, {})).rejects.toMatchObject({
    code: 11,
    message: expect.stringContaining('give params.vcpuLimit'),
  });
});

test('I/O limits are refused, empty ones are not', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(update(world, vmID, { vcpuLimit: 50, ioTune: [{}] })).rejects.toMatchObject({
    code: 75,
  });
  expect(await world.stats(vmID)).not.toHaveProperty('vcpuUserLimit');
  await expect(update(world, vmID, { vcpuLimit: 50, ioTune: [] })).resolves.toBeDefined();
  await expect(update(world, vmID, { ioTune: null })).resolves.toBeDefined();
  expect(await world.stats(vmID)).toMatchObject({ vcpuUserLimit: 50 });
});

test.each([0, 101, -1, 50.5, 'half', true, []])('refuses a limit of %j', async (vcpuLimit) => {
  const world = await World.open();
  const vmID = await world.boot();
  world.calls.length = 0;
  await expect(update(world, vmID, { vcpuLimit })).rejects.toMatchObject({ code: -32602 });
  expect(world.calls).toEqual([]);
});

test("the hypervisor's error reaches the client", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.setMetadata = () => Promise.reject(new HypervisorError('failed', 'disk full'));
  await expect(update(world, vmID, { vcpuLimit: 50 })).rejects.toMatchObject({
    code: 63,
    message: 'Failed to update VM SLA policy: disk full',
  });
});
