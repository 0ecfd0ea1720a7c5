import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { KiB } from '../../../src/common/units.ts';
import { onHost } from '../../support/onHost.ts';
import { World } from '../../support/world.ts';

const DIMM =
  "<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>";
const PLUGGED = 131_072;

async function open(target: number) {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.setBalloonTarget', { vmID, target });
  await world.seconds(10);
  return { world, vmID, balloon: () => world.balloon(vmID) };
}

test.each([1_048_576, 900_000])(
  'a target of %i keeps the balloon size if memory was plugged while vmemd was stopped',
  async (target) => {
    const { world, vmID, balloon } = await open(target);
    world.vms.stop();
    await world.host.attachDevice(vmID, DIMM);
    await world.seconds(5);
    await world.restart();
    await world.sampled();
    const meant = String(target + PLUGGED);
    expect(await balloon()).toMatchObject({ balloon_target: meant, balloon_cur: meant });
  },
);

test('raising a guarantee does not shrink a guest whose memory has grown meanwhile', async () => {
  const { world, vmID, balloon } = await open(1_048_576);
  world.vms.stop();
  await world.host.attachDevice(vmID, DIMM);
  await world.restart();
  await world.plug(vmID, 256, { memGuaranteedSize: 1350 });
  await world.sampled();
  expect(await balloon()).toMatchObject({ balloon_target: '1441792', balloon_cur: '1441792' });
});

test('a run that another program started does not have the target of the run before', async () => {
  const { world, vmID, balloon } = await open(700_000);
  await world.host.destroyDomain(vmID, { graceful: false });
  const xml = (await world.host.domainXml(vmID)).replace(
    /<currentMemory.*<\/currentMemory>/,
    '<currentMemory>1048576</currentMemory>',
  );
  await world.host.createDomain(xml, { paused: false });
  await world.sampled();
  const all = { balloon_target: '1048576', balloon_cur: '1048576' };
  expect(await balloon()).toMatchObject(all);
  await world.restart();
  await world.sampled();
  expect(await balloon()).toMatchObject(all);
});

test('a guest that wakes up continues the same run', async () => {
  const { world, vmID } = await open(700_000);
  const vm = world.vms.get(vmID);
  const began = vm.startedAt;
  vm.enter({ phase: 'paused' });
  vm.observe({ kind: 'lifecycle', uuid: vmID, name: 'vm1', event: 'started', detail: 4 });
  expect(vm).toMatchObject({ status: 'Up', startedAt: began, balloonTarget: KiB(700_000) });
  expect(vm.samples.newest).toBeDefined();
});

test('a target of 0 is raised to the least that libvirt accepts', async () => {
  const world = await World.open();
  const vmID = await world.boot(1);
  await world.call('VM.setGuaranteedMemory', { vmID, guaranteed: 0 });
  expect(await world.call('VM.setBalloonTarget', { vmID, target: 0 })).toMatchObject({
    applied: true,
    target: 1,
    reason: '1 KiB is the least that any VM is left',
  });
});

test('a target that was written although the call failed is not written repeatedly', async () => {
  const { world, vmID, balloon } = await open(900_000);
  await world.plug(vmID);
  world.calls.length = 0;
  const writes = () => world.calls.filter((name) => name === 'setMetadata').length;
  world.faults.setMetadata = async (...args) => {
    await world.host.setMetadata(...args);
    if (writes() < 50) throw new HypervisorError('timed-out', 'not in time');
  };
  await world.sampled();
  expect(writes()).toBeGreaterThan(0);
  expect(writes()).toBeLessThan(10);
  expect(await balloon()).toMatchObject({ balloon_target: String(900_000 + PLUGGED) });
});

test('after vmemd gives up on a target whose calls time out, the reported target is that of the host', async () => {
  const { world, vmID, balloon } = await open(900_000);
  world.faults.setBalloon = () => Promise.reject(new HypervisorError('timed-out', 'no answer'));
  const call = world.call('VM.setBalloonTarget', { vmID, target: 700_000 });
  await expect(call).rejects.toMatchObject({ code: 53 });
  const tries = () => world.calls.filter((name) => name === 'setBalloon').length;
  await world.seconds(3600);
  const given = tries();
  await world.seconds(1800);
  expect(tries()).toBe(given);
  expect(onHost(world, vmID).balloonTarget()).toBe(900_000);
  expect(await balloon()).toMatchObject({ balloon_target: '900000' });
  delete world.faults.setBalloon;
  await world.restart();
  await world.seconds(300);
  expect(onHost(world, vmID).balloonTarget()).toBe(900_000);
  expect(await balloon()).toMatchObject({ balloon_target: '900000' });
});
