import { expect, test } from '@jest/globals';
import { memoryDeviceXml } from '../../../src/domain-xml/memoryDevice.ts';
import { MiB, toKiB } from '../../../src/common/units.ts';
import { openGuest } from '../../support/memoryGuest.ts';

const foreign = (size: number): string => memoryDeviceXml({ size: toKiB(MiB(size)), node: 0 });

/** A guest that releases dimm0 while vmemd is stopped; then another device is plugged as dimm0. */
async function swapped({ size, waited = 10 }: { size: number; waited?: number }) {
  const opened = await openGuest({ devices: [256], vm: { memGuaranteedSize: 1024 } });
  const { world, vmID, ask, unplug } = opened;
  await ask('pause');
  await world.during(10, unplug('dimm0', { memGuaranteedSize: 400 }));
  await world.seconds(waited);
  world.kill();
  await world.during(30, world.host.resumeDomain(vmID));
  await world.seconds(30);
  await world.during(5, world.host.attachDevice(vmID, foreign(size)));
  await world.restart();
  await world.seconds(90);
  return opened;
}

test.each([128, 512])(
  'a device of %i MiB with the alias of one that was removed while vmemd was stopped is not unplugged',
  async (size) => {
    const { world, vmID, job, devices, guaranteed } = await swapped({ size });
    expect(world.calls.filter((call) => call === 'detachDevice')).toHaveLength(1);
    expect(await devices()).toEqual([
      expect.objectContaining({ alias: 'dimm0', size_mib: size, state: 'plugged' }),
    ]);
    expect(await job()).toMatchObject({ state: 'done', changes: [{ state: 'removed' }] });
    expect(await guaranteed()).toBe(400);
    expect(world.vms.get(vmID).operations.operations).toHaveLength(2);
  },
);

test('a device whose unplug timed out is reported as removed late, and does not hinder the new one', async () => {
  const { job, devices, set } = await swapped({ size: 512, waited: 100 });
  expect(await job()).toMatchObject({ changes: [{ state: 'removed-late', size_mib: 256 }] });
  expect(await devices()).toMatchObject([{ alias: 'dimm0', state: 'plugged' }]);
  expect(await set({ memory: 1024, dryRun: true })).toMatchObject({ expected_mib: 1024 });
});

test('a device that is removed while another one is plugged with its alias is not mistaken for it', async () => {
  const { world, vmID, guest, plug, unplug, job, devices } = await openGuest({
    words: 'ignores-unplug',
    devices: [256],
    hotplugTimeouts: { unplugAttempts: 3 },
  });
  await world.during(10, unplug('dimm0'));
  const { job_id: jobID } = await job();
  world.faults.attachDevice = async (id, xml) => {
    guest.setBehaviour({ unplug: 'gives-back' });
    await world.host.detachDevice(id, 'dimm0');
    await world.host.attachDevice(id, xml);
  };
  await world.during(10, plug(128));
  delete world.faults.attachDevice;
  expect(await job({ jobID })).toMatchObject({ changes: [{ state: 'removed' }] });
  expect(await job()).toMatchObject({ action: 'plug', changes: [{ alias: 'dimm0' }] });
  await world.seconds(200);
  expect(await devices()).toMatchObject([{ alias: 'dimm0', size_mib: 128 }]);
  expect(world.devices(vmID)).toHaveLength(1);
});

test('the event of a removal is reported also if an equal device was plugged at once', async () => {
  const { world, vmID, guest, unplug, job } = await openGuest({
    words: 'ignores-unplug',
    devices: [256],
  });
  await world.during(10, unplug('dimm0'));
  world.faults.domainXml = async (id) => {
    delete world.faults.domainXml;
    await world.host.attachDevice(id, foreign(256));
    return world.host.domainXml(id);
  };
  guest.setBehaviour({ unplug: 'gives-back' });
  await world.during(10, world.host.detachDevice(vmID, 'dimm0'));
  expect(await job()).toMatchObject({ state: 'done', changes: [{ state: 'removed' }] });
  expect(world.devices(vmID)).toHaveLength(1);
});

test('the state of a removed device does not apply to another one with its alias', async () => {
  const { world, vmID, guest, plug, unplug, outcome } = await openGuest({ words: 'no-online' });
  await world.during(10, plug(128));
  for (let n = 0; n < 8; n += 1) await world.sampled();
  await world.during(10, unplug('dimm0'));
  guest.setBehaviour({ onlines: true });
  await world.during(10, world.host.attachDevice(vmID, foreign(256)));
  for (let n = 0; n < 4; n += 1) await world.sampled();
  await world.during(2, plug(256));
  await world.during(2, world.host.detachDevice(vmID, 'dimm0'));
  for (let n = 0; n < 8; n += 1) await world.sampled();
  // It is unknown how much of the guest's total the foreign device was.
  expect(await outcome('dimm1')).toMatchObject({ state: 'unverified' });
});

test('VM.hotplugMemory refuses an alias that another device has, and records nothing', async () => {
  const { world, vmID, ask, devices, job, guaranteed } = await openGuest();
  const plug = (changes: object = {}) =>
    ask('hotplugMemory', {
      params: { vmId: vmID, memory: { size: 128, node: 0, alias: 'ua-1' }, ...changes },
    });
  await plug();
  await world.seconds(60);
  const before = [await devices(), await job({ alias: 'ua-1' }), await guaranteed()];
  await expect(plug({ memGuaranteedSize: 1100 })).rejects.toMatchObject({ code: 70 });
  await world.seconds(60);
  expect([await devices(), await job({ alias: 'ua-1' }), await guaranteed()]).toEqual(before);
});
