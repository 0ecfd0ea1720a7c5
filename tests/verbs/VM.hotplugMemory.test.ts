import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, parameters, World } from '../support/world.ts';

const memory = { device: 'memory', size: 128, node: 0 };

refusesBadIds('VM.hotplugMemory', { params: { vmId: idOf(9), memory } });

const plug = (world: World, vmID: string, params: object) =>
  world.call('VM.hotplugMemory', { vmID, params: { vmId: vmID, ...params } });

/** Expects an error with this code and no call to the hypervisor. */
const refused = async (params: object, code: number, reason: string, changes: object = {}) => {
  const world = await World.open();
  const vmID = await world.boot(1, changes);
  world.calls.length = 0;
  await expect(plug(world, vmID, params)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(reason),
  });
  expect(world.calls.filter((call) => call !== 'domainXml')).toEqual([]);
  expect(world.devices(vmID)).toEqual([]);
};

test('plugs a device; memory and target grow with it, and an event reports it', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(plug(world, vmID, { memory })).resolves.toEqual({ alias: 'dimm0' });
  await expect(world.balloon(vmID)).resolves.toMatchObject({
    balloon_max: '1179648',
    balloon_target: '1179648',
    balloon_cur: '1179648',
    balloon_min: '524288',
  });
  await world.seconds(1);
  expect(world.news('memory', vmID)).toContainEqual({
    event: 'device-added',
    alias: 'dimm0',
    size_mib: 128,
    memory_mib: 1152,
    hash: (await world.stats(vmID))['hash'],
  });
});

test('an inflated balloon keeps its size: the target grows with the memory', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
  await plug(world, vmID, { memory });
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_target: '917504' });
  await world.restart();
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_target: '917504' });
});

test('a guarantee in the same call is set, and kept over a restart', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await plug(world, vmID, { memory, memGuaranteedSize: 1152 });
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_min: '1179648' });
  await world.restart();
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_min: '1179648' });
});

test('a balloon below the new guarantee deflates at once', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.setBalloonTarget', { vmID, target: 524_288 });
  await world.seconds(10);
  await plug(world, vmID, { memory, memGuaranteedSize: 900 });
  await world.sampledFor(10);
  await expect(world.balloon(vmID)).resolves.toMatchObject({
    balloon_min: '921600',
    balloon_target: '921600',
    balloon_cur: '921600',
  });
  await world.restart();
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_target: '921600' });
});

test('a VM without a balloon accepts a guarantee', async () => {
  const world = await World.open();
  const xml = `<domain type='kvm'><name>x</name><uuid>${idOf(1)}</uuid>
    <maxMemory slots='4'>4194304</maxMemory><memory>1048576</memory>
    <currentMemory>524288</currentMemory><devices><memballoon model='none'/></devices></domain>`;
  await world.call('VM.create', { vmID: idOf(1), vmParams: { xml } });
  await world.sampled();
  await plug(world, idOf(1), { memory, memGuaranteedSize: 900 });
  await expect(world.balloon(idOf(1))).resolves.toMatchObject({ balloon_min: '921600' });
  expect(world.calls).not.toContain('setBalloon');
});

test("accepts the engine's form: numbers as text, and its own alias", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const deviceId = idOf(77);
  const sent = {
    type: 'memory',
    ...memory,
    deviceId,
    alias: `ua-${deviceId}`,
    specParams: { size: '128', node: '0' },
  };
  await expect(plug(world, vmID, { memory: sent, memGuaranteedSize: 512 })).resolves.toEqual({
    alias: `ua-${deviceId}`,
  });
  expect(world.devices(vmID)).toEqual([`ua-${deviceId}`]);
});

test('plugs a device at the given address', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const address = { type: 'dimm', slot: '5', base: '0x140000000' };
  await plug(world, vmID, { memory: { ...memory, address } });
  expect(world.vms.get(vmID).domain.memoryDevices).toMatchObject([
    { address: { slot: 5, base: '0x140000000' } },
  ]);
});

test.each([
  ['a bare element', (xml: string) => xml],
  ['an element in <devices>', (xml: string) => `<devices>${xml}</devices>`],
])('passes %s to the hypervisor with all its values', async (_, wrap) => {
  const world = await World.open();
  const vmID = await world.boot();
  let attached = '';
  world.faults.attachDevice = (id, xml) => {
    attached = xml;
    return world.host.attachDevice(id, xml);
  };
  const xml = `<memory model='dimm' access='shared'><source><pagesize unit='KiB'>4</pagesize></source>
    <target><size unit='MiB'>256</size><node>0</node></target></memory>`;
  await expect(plug(world, vmID, { xml: wrap(xml) })).resolves.toEqual({ alias: 'dimm0' });
  expect(attached).toMatch(/^<memory model=.dimm. access=.shared.>/);
  expect(attached).toContain('pagesize');
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_max: '1310720' });
});

test.each([0, -128, 100, 1])('%i MiB are refused, as they are no multiple of the block', (size) =>
  refused({ memory: { ...memory, size } }, 70, 'multiple of 128 MiB'),
);

test('on POWER the block is 256 MiB', async () => {
  const world = await World.open();
  const vmID = await world.boot(1, { arch: 'ppc64le', emulatedMachine: 'pseries' });
  await expect(plug(world, vmID, { memory })).rejects.toMatchObject({
    code: 70,
    message: expect.stringContaining('multiple of 256 MiB'),
  });
});

test('more than the maximum memory is refused', () =>
  refused({ memory: { ...memory, size: 3200 } }, 70, 'maximum of 4096 MiB'));

test.each([
  [131_072, '131072 KiB are 128'],
  [134_217_728, '134217728 bytes are 128'],
])('a size of %i is refused with the unit that was probably meant', (size, advice) =>
  refused({ memory: { ...memory, size } }, 70, `4096 MiB; sizes are in MiB, ${advice}`),
);

test('a VM without maximum memory refuses devices', () =>
  refused({ memory }, 70, 'maxMemSize', { maxMemSize: undefined, maxMemSlots: undefined }));

test.each([-1, 1])('NUMA node %i is refused if there is only one', (node) =>
  refused({ memory: { ...memory, node } }, 70, `no NUMA node ${String(node)}`),
);

test('a guarantee above the resulting memory is refused', () =>
  refused({ memory, memGuaranteedSize: 1154 }, 70, '1154 MiB cannot be guaranteed'));

test('a device is refused if all slots are used', async () => {
  const world = await World.open();
  const vmID = await world.boot(1, { maxMemSlots: 2 });
  await world.plug(vmID);
  await world.plug(vmID);
  await expect(plug(world, vmID, { memory })).rejects.toMatchObject({
    code: 70,
    message: expect.stringContaining('all 2 memory slots are in use'),
  });
  expect(world.devices(vmID)).toHaveLength(2);
});

test.each([
  ['no id', { params: { memory } }],
  ['no device', { params: { vmId: idOf(1) } }],
  ['no size', { params: { vmId: idOf(1), memory: { device: 'memory', node: 0 } } }],
  ['no node', { params: { vmId: idOf(1), memory: { device: 'memory', size: 128 } } }],
])('parameters with %s are refused as incomplete', async (_, params) => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(world.call('VM.hotplugMemory', { vmID, ...params })).rejects.toMatchObject({
    code: 11,
  });
});

test.each([
  { memory: { ...memory, size: null } },
  { memory: { ...memory, size: 128.5 } },
  { memory: { ...memory, size: 'big' } },
  { memory: { ...memory, node: null } },
  { memory: { ...memory, alias: "x'/>" } },
  { memory: { ...memory, address: { slot: -1 } } },
  { memory: { ...memory, address: { slot: 0, base: 'here' } } },
  { memory: null },
  { memory, memGuaranteedSize: null },
  { memory, memGuaranteedSize: -1 },
  { memory, memGuaranteedSize: 512.5 },
  { xml: 5 },
  { xml: ' '.repeat(16_385) },
])('wrong types are refused before any effect: %j', async (params) => {
  const world = await World.open();
  const vmID = await world.boot();
  world.calls.length = 0;
  await expect(plug(world, vmID, params)).rejects.toMatchObject({ code: -32602 });
  expect(world.calls.filter((call) => call !== 'domainXml')).toEqual([]);
});

test.each([
  '',
  'memory',
  '<memory model="dimm">',
  '<disk/>',
  '<!DOCTYPE memory [<!ENTITY x "y">]><memory model="dimm"/>',
  '<devices><memory model="dimm"/><memory model="dimm"/></devices>',
  '<devices><memory model="dimm"><target><size>131072</size></target></memory><disk/></devices>',
  '<memory model="dimm"><target><size unit="KiB">-5</size></target></memory>',
])('XML that is not a memory device is refused: %j', (xml) => refused({ xml }, 70, 'hotplug'));

test('a VM that has ended is refused', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.host.guest(vmID).crash();
  await world.seconds(1);
  await expect(plug(world, vmID, { memory })).rejects.toMatchObject({ code: 6 });
});

test('a VM that is still starting is refused', async () => {
  const world = await World.open();
  await world.call('VM.create', { vmID: idOf(1), vmParams: parameters() });
  await expect(plug(world, idOf(1), { memory })).rejects.toMatchObject({ code: 6 });
});

test("the hypervisor's error reaches the client", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.attachDevice = () => Promise.reject(new HypervisorError('failed', 'no memory left'));
  await expect(plug(world, vmID, { memory })).rejects.toMatchObject({
    code: 70,
    message: 'Failed to hotplug memory: no memory left',
  });
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_max: '1048576' });
});

test('simultaneous requests plug one device after another, and not too many', async () => {
  const world = await World.open();
  const vmID = await world.boot(1, { maxMemSlots: 2 });
  const answers = await Promise.allSettled([1, 2, 3].map(() => plug(world, vmID, { memory })));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_max: '1310720' });
});

test('returns the alias that libvirt chooses where the client gave one that it does not keep', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const memory = { size: 128, node: 0 };
  expect(await plug(world, vmID, { memory: { ...memory, alias: 'dimm7' } })).toEqual({
    alias: 'dimm0',
  });
  // The alias is that of the first device, but libvirt chooses another.
  expect(await plug(world, vmID, { memory: { ...memory, alias: 'dimm0' } })).toEqual({
    alias: 'dimm1',
  });
  const xml = `<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target><alias name='mine'/></memory>`;
  expect(await plug(world, vmID, { xml })).toEqual({ alias: 'dimm2' });
  expect(world.devices(vmID)).toEqual(['dimm0', 'dimm1', 'dimm2']);
});
