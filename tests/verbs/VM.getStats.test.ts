import { expect, test } from '@jest/globals';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, parameters, World } from '../support/world.ts';

refusesBadIds('VM.getStats');

test('before the first sample it has no balloon, CPU and memory figures, so that MoM skips this VM', async () => {
  const world = await World.open();
  await world.call('VM.create', { vmID: idOf(1), vmParams: parameters() });
  await world.seconds(15);
  const stats = await world.stats(idOf(1));
  expect(stats).toMatchObject({ memUsage: '0', monitorResponse: '0' });
  for (const absent of ['balloonInfo', 'vcpuCount', 'memoryStats', 'cpuUsage']) {
    expect(stats).not.toHaveProperty(absent);
  }
});

test('until rates are known it has no memory statistics, on which MoM would fail', async () => {
  const world = await World.open();
  await world.call('VM.create', { vmID: idOf(1), vmParams: parameters() });
  await world.seconds(20);
  await world.vms.sample();
  const stats = await world.stats(idOf(1));
  expect(stats).toMatchObject({ status: 'Up', memUsage: '0', vcpuCount: '2' });
  expect(stats).not.toHaveProperty('memoryStats');
});

test("once the guest has reported twice it has all figures, in VDSM's types", async () => {
  const world = await World.open();
  const stats = await world.stats(await world.boot());
  expect(stats).toMatchObject({
    vmName: 'vm1',
    vmType: 'kvm',
    status: 'Up',
    acpiEnable: 'true',
    kvmEnable: 'true',
    guestCPUCount: -1,
    elapsedTime: '30',
    monitorResponse: '0',
    memUsage: expect.stringMatching(/^([1-9]\d?|100)$/),
    hash: expect.any(String),
    cpuUsage: expect.stringMatching(/^\d+$/),
  });
});

test('a guest without a driver has no figures', async () => {
  const world = await World.open();
  const vmID = await world.boot(1, { kernel: '/vmlinuz', kernelArgs: 'vmemd.sim=no-driver' });
  const stats = await world.stats(vmID);
  expect(stats).not.toHaveProperty('memoryStats');
  expect(stats).toMatchObject({ memUsage: '0', balloonInfo: { balloon_cur: '1048576' } });
});

test('a VM that has ended has only its exit reason', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.host.guest(vmID).shutDownFromInside();
  await world.seconds(1);
  await expect(world.stats(vmID)).resolves.toEqual({
    vmId: vmID,
    status: 'Down',
    statusTime: expect.any(String),
    exitCode: 0,
    exitReason: 7,
    exitMessage: expect.any(String),
  });
});

test('a guest whose monitor hangs is not responding as soon as that is known', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  expect(await world.stats(vmID)).toMatchObject({ monitorResponse: '0' });
  world.host.guest(vmID).hang();
  await world.sampledFor(5);
  expect(await world.stats(vmID)).toMatchObject({ status: 'Up', monitorResponse: '-1' });
});

test('a guest that has hung from the start is not responding, either', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.host.guest(vmID).hang();
  await world.restart();
  await world.seconds(61);
  await world.vms.sample();
  expect(await world.stats(vmID)).toMatchObject({ monitorResponse: '-1' });
});

test('the hash changes when a device is added or removed, and only then', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const hash = async () => (await world.stats(vmID))['hash'];
  const before = await hash();
  await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
  await world.seconds(60);
  expect(await hash()).toBe(before);
  const alias = await world.plug(vmID);
  const plugged = await hash();
  expect(plugged).not.toBe(before);
  await world.unplug(vmID, alias);
  expect(await hash()).toBe(before);
});
