import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, parameters, World } from '../support/world.ts';

refusesBadIds('VM.hotunplugMemory', { params: { vmId: idOf(9), memory: { alias: 'dimm0' } } });

/** A VM with these devices, in MiB. */
const bootWith = async (sizes: readonly number[], changes: object = {}) => {
  const world = await World.open();
  const vmID = await world.boot(1, changes);
  for (const size of sizes) await world.plug(vmID, size);
  const unplug = (params: object) =>
    world.during(10, world.call('VM.hotunplugMemory', { vmID, params: { vmId: vmID, ...params } }));
  return { world, vmID, unplug };
};

test('unplugs a device; memory and target shrink with it, and an event reports it', async () => {
  const { world, vmID, unplug } = await bootWith([128, 256]);
  await expect(unplug({ memory: { alias: 'dimm0' } })).resolves.toBe(true);
  expect(world.devices(vmID)).toEqual(['dimm1']);
  await expect(world.balloon(vmID)).resolves.toMatchObject({
    balloon_max: '1310720',
    balloon_target: '1310720',
  });
  expect(world.news('memory', vmID)).toContainEqual({
    event: 'device-removed',
    alias: 'dimm0',
    size_mib: 128,
    memory_mib: 1280,
    hash: (await world.stats(vmID))['hash'],
  });
});

test.each([
  ['its address, as text', { address: { type: 'dimm', slot: '1' } }],
  ['size and node', { size: 256, node: 0 }],
  ['an alias that wins over the size', { alias: 'dimm1', size: 128, node: 0 }],
  [
    'base and size where the alias is not known',
    { alias: 'ua-1', size: 256, address: { slot: 1, base: '0x108000000' } },
  ],
])('a device may be identified by %s', async (_, memory) => {
  const { world, vmID, unplug } = await bootWith([128, 256]);
  await expect(unplug({ memory })).resolves.toBe(true);
  expect(world.devices(vmID)).toEqual(['dimm0']);
});

test('a device may be identified by an XML element', async () => {
  const { world, vmID, unplug } = await bootWith([128, 256]);
  const xml =
    "<memory model='dimm'><target><size unit='MiB'>256</size><node>0</node></target></memory>";
  await expect(unplug({ xml })).resolves.toBe(true);
  expect(world.devices(vmID)).toEqual(['dimm0']);
});

test.each([
  ['an alias that is not there', { alias: 'dimm7' }],
  ['an alias that is not there with a size that is', { alias: 'ua-1', size: 128, node: 0 }],
  ['an alias that is not there with a slot that is', { alias: 'ua-1', address: { slot: 0 } }],
  ['a slot that is empty', { address: { slot: 9 } }],
  ['a size that is not there', { size: 512, node: 0 }],
  ['a node that is not there', { size: 128, node: 1 }],
  ['nothing', {}],
])('a device identified by %s is refused, and the error lists the devices', async (_, memory) => {
  const { world, vmID, unplug } = await bootWith([128]);
  await expect(unplug({ memory })).rejects.toMatchObject({
    code: 85,
    message: expect.stringContaining('dimm0 (128 MiB)'),
  });
  expect(world.devices(vmID)).toEqual(['dimm0']);
});

test('an XML element with an invalid address is refused', async () => {
  const { unplug } = await bootWith([128]);
  const xml =
    "<memory model='dimm'><target><size>131072</size></target><address type='dimm' slot='0' base='x'/></memory>";
  await expect(unplug({ xml })).rejects.toMatchObject({ code: 85 });
});

test('the error reports that a VM has no devices', async () => {
  const { unplug } = await bootWith([]);
  await expect(unplug({ memory: { alias: 'dimm0' } })).rejects.toMatchObject({
    code: 85,
    message: expect.stringContaining('no memory devices'),
  });
});

test('the guarantee is lowered when the device is removed, not before, and kept over a restart', async () => {
  const { world, vmID } = await bootWith([]);
  await world.plug(vmID, 512, { memGuaranteedSize: 1400 });
  const params = { vmId: vmID, memory: { alias: 'dimm0' }, memGuaranteedSize: 700 };
  const answer = world.call('VM.hotunplugMemory', { vmID, params });
  await world.seconds(0.1);
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_min: '1433600' });
  await world.during(10, answer);
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_min: '716800' });
  await world.restart();
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_min: '716800' });
});

test('a guarantee that the request does not lower is limited to the remaining memory', async () => {
  const { world, vmID, unplug } = await bootWith([]);
  await world.plug(vmID, 512, { memGuaranteedSize: 1400 });
  await unplug({ memory: { alias: 'dimm0' } });
  const expected = { balloon_min: '1048576', balloon_max: '1048576', balloon_target: '1048576' };
  await expect(world.balloon(vmID)).resolves.toMatchObject(expected);
  await world.restart();
  await expect(world.balloon(vmID)).resolves.toMatchObject(expected);
});

test('a new guarantee above the remaining memory is refused', async () => {
  const { world, vmID, unplug } = await bootWith([128]);
  await expect(
    unplug({ memory: { alias: 'dimm0' }, memGuaranteedSize: 1026 }),
  ).rejects.toMatchObject({
    code: 85,
    message: expect.stringContaining('1026 MiB cannot be guaranteed'),
  });
  expect(world.devices(vmID)).toEqual(['dimm0']);
});

test("a guest's refusal is returned and sent as an event, and nothing changes", async () => {
  const changes = { kernel: '/vmlinuz', kernelArgs: 'vmemd.sim=refuses-unplug' };
  const { world, vmID, unplug } = await bootWith([128], changes);
  await expect(
    unplug({ memory: { alias: 'dimm0' }, memGuaranteedSize: 256 }),
  ).rejects.toMatchObject({ code: 85, message: expect.stringContaining('rejected by the guest') });
  expect(world.devices(vmID)).toEqual(['dimm0']);
  await expect(world.balloon(vmID)).resolves.toMatchObject({
    balloon_min: '524288',
    balloon_max: '1179648',
  });
  expect(world.news('memory', vmID)).toContainEqual(
    expect.objectContaining({ event: 'device-removal-failed', alias: 'dimm0' }),
  );
});

test('a request without a reply counts as accepted, and may still succeed', async () => {
  const changes = { kernel: '/vmlinuz', kernelArgs: 'vmemd.sim=ignores-unplug' };
  const { world, vmID, unplug } = await bootWith([128], changes);
  await expect(unplug({ memory: { alias: 'dimm0' }, memGuaranteedSize: 256 })).resolves.toBe(true);
  expect(world.devices(vmID)).toEqual(['dimm0']);
  world.host.guest(vmID).setBehaviour({ unplug: 'gives-back' });
  await unplug({ memory: { alias: 'dimm0' } });
  expect(world.devices(vmID)).toEqual([]);
});

test('a second request that is refused does not cancel the guarantee of the first one', async () => {
  const { world, vmID, unplug } = await bootWith([128]);
  world.faults.detachDevice = () => Promise.resolve();
  await unplug({ memory: { alias: 'dimm0' }, memGuaranteedSize: 256 });
  world.faults.detachDevice = () =>
    Promise.reject(new HypervisorError('refused', 'device is already being unplugged'));
  await expect(unplug({ memory: { alias: 'dimm0' } })).rejects.toMatchObject({ code: 85 });
  await world.during(10, world.host.detachDevice(vmID, 'dimm0'));
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_min: '262144' });
});

test('a guarantee requested with one device does not apply to another one with its alias', async () => {
  const { world, vmID, unplug } = await bootWith([128]);
  await unplug({ memory: { alias: 'dimm0' }, memGuaranteedSize: 256 });
  await world.plug(vmID, 128, { memGuaranteedSize: 700 });
  await world.during(10, world.host.detachDevice(vmID, 'dimm0'));
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_min: '716800' });
});

test('a guarantee requested with a device does not apply in another run of the VM', async () => {
  const { world, vmID, unplug } = await bootWith([]);
  const xml = await world.host.domainXml(vmID);
  await world.plug(vmID, 128);
  world.faults.detachDevice = () => Promise.resolve();
  await unplug({ memory: { alias: 'dimm0' }, memGuaranteedSize: 256 });
  world.host.guest(vmID).crash();
  await world.seconds(1);
  await world.host.createDomain(xml, { paused: false });
  await world.sampled();
  await world.plug(vmID, 128);
  await world.during(10, world.host.detachDevice(vmID, 'dimm0'));
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_min: '524288' });
});

test('a request that timed out may still succeed, with its guarantee', async () => {
  const { world, vmID, unplug } = await bootWith([128]);
  world.faults.detachDevice = () => Promise.reject(new HypervisorError('timed-out', 'no answer'));
  await expect(
    unplug({ memory: { alias: 'dimm0' }, memGuaranteedSize: 256 }),
  ).rejects.toMatchObject({ code: 85, message: expect.stringContaining('no answer') });
  await world.during(10, world.host.detachDevice(vmID, 'dimm0'));
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_min: '262144' });
});

test.each([
  ['no id', { params: { memory: { alias: 'dimm0' } } }],
  ['no device', { params: { vmId: idOf(1) } }],
])('parameters with %s are refused as incomplete', async (_, params) => {
  const { world, vmID } = await bootWith([]);
  await expect(world.call('VM.hotunplugMemory', { vmID, ...params })).rejects.toMatchObject({
    code: 11,
  });
});

test.each([
  { memory: { size: null } },
  { memory: { size: 1.5 } },
  { memory: 'dimm0' },
  { memory: { alias: null } },
  { memory: { alias: 'dimm0' }, memGuaranteedSize: null },
  { memory: { alias: 'dimm0' }, memGuaranteedSize: -1 },
])('wrong types are refused: %j', async (params) => {
  const { unplug } = await bootWith([]);
  await expect(unplug(params)).rejects.toMatchObject({ code: -32602 });
});

test('a VM that is still starting is refused', async () => {
  const world = await World.open();
  await world.call('VM.create', { vmID: idOf(1), vmParams: parameters() });
  await expect(world.unplug(idOf(1), 'dimm0')).rejects.toMatchObject({ code: 6 });
});
