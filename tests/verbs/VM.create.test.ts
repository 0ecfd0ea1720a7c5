import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { held } from '../support/faults.ts';
import { idOf, parameters, World } from '../support/world.ts';

const vmID = idOf(1);

const create = (world: World, changes: object = {}, n = 1) =>
  world.call('VM.create', { vmID: idOf(n), vmParams: parameters(n, changes) });

const domain = (inside: string, devices = "<memballoon model='virtio'/>") => `<domain type='kvm'>
  <name>engine-vm</name><uuid>${vmID}</uuid>
  <memory>1048576</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  ${inside}<devices>${devices}</devices></domain>`;
const metadata = (inside: string): string =>
  `<metadata><ovirt-vm:vm xmlns:ovirt-vm='http://ovirt.org/vm/1.0'>${inside}</ovirt-vm:vm></metadata>`;
const createFrom = (world: World, xml: string) =>
  world.call('VM.create', { vmID, vmParams: { xml } });

/** Expects that the request is refused and nothing is defined. */
const refused = async (vmParams: object, code: number, reason: string) => {
  const world = await World.open();
  await expect(world.call('VM.create', { vmID, vmParams })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(reason),
  });
  expect(world.calls).not.toContain('createDomain');
  await expect(world.call('Host.getVMList')).resolves.toEqual([]);
};

test('returns at once with WaitForLaunch and the XML, and the VM starts in the background', async () => {
  const world = await World.open();
  const answer = await create(world);
  expect(answer).toEqual({
    vmId: vmID,
    status: 'WaitForLaunch',
    statusTime: expect.any(String),
    xml: expect.stringContaining(vmID),
  });
  await world.seconds(1);
  await expect(world.status(vmID)).resolves.toBe('Powering up');
  await world.sampled();
  await expect(world.status(vmID)).resolves.toBe('Up');
  expect(world.news('status', vmID).map(({ status }) => status)).toEqual([
    'WaitForLaunch',
    'Powering up',
    'Up',
  ]);
});

test('memory, maximum, slots, guarantee and statistics period are those requested', async () => {
  const world = await World.open({ build: { statsPeriod: 21 as never } });
  const { xml } = (await create(world)) as { xml: string };
  expect(xml).toMatch(/<memory unit=.KiB.>1048576</);
  expect(xml).toMatch(/<maxMemory slots=.16. unit=.KiB.>4194304</);
  expect(xml).toMatch(/<min_guarantee unit=.KiB.>524288</);
  expect(xml).toMatch(/minGuaranteedMemoryMb[^>]*>512</);
  expect(xml).toMatch(/<stats period=.21./);
  await expect(world.balloon(vmID)).resolves.toMatchObject({
    balloon_max: '1048576',
    balloon_min: '524288',
  });
});

test.each([0, -5])(
  'a statistics period of %i turns statistics off, and the VM starts',
  async (period) => {
    const world = await World.open({ build: { statsPeriod: period as never } });
    const { xml } = (await create(world)) as { xml: string };
    expect(xml).not.toContain('<stats');
    await world.seconds(1);
    await expect(world.status(vmID)).resolves.toBe('Powering up');
  },
);

test('numbers may be text, as vdsm-client sends all values', async () => {
  const world = await World.open();
  const answer = await create(world, { memSize: '2048', smp: '4', kvmEnable: 'true' });
  expect(answer).toMatchObject({ status: 'WaitForLaunch' });
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_max: '2097152' });
});

test('an id in upper case is the same id', async () => {
  const world = await World.open();
  const id = 'ABCDEF00-0000-4000-8000-000000000001';
  await expect(
    world.call('VM.create', { vmID: id, vmParams: parameters() }),
  ).resolves.toMatchObject({ vmId: id.toLowerCase() });
  await expect(world.stats(id)).resolves.toMatchObject({ vmId: id.toLowerCase() });
});

test('launchPaused starts the VM paused', async () => {
  const world = await World.open();
  await create(world, { launchPaused: true });
  await world.seconds(1);
  await expect(world.status(vmID)).resolves.toBe('Paused');
});

test("the engine's XML is accepted with its guarantee, its id and its balloon", async () => {
  const world = await World.open();
  const inside = metadata(
    "<ovirt-vm:minGuaranteedMemoryMb type='int'>512</ovirt-vm:minGuaranteedMemoryMb>",
  );
  const answer = await world.call('VM.create', {
    vmID: idOf(2),
    vmParams: { vmId: idOf(2), xml: domain(inside) },
  });
  expect(answer).toMatchObject({ vmId: vmID, status: 'WaitForLaunch' });
  await world.sampled();
  await expect(world.balloon(vmID)).resolves.toMatchObject({
    balloon_min: '524288',
    stats_period_s: 10,
  });
});

test('XML that requests a paused start gets one', async () => {
  const world = await World.open();
  await createFrom(world, domain(metadata('<ovirt-vm:launchPaused>true</ovirt-vm:launchPaused>')));
  await world.seconds(1);
  await expect(world.status(vmID)).resolves.toBe('Paused');
});

test('a balloon that is inflated from the start keeps its target, even if vmemd restarts while it moves', async () => {
  const world = await World.open();
  await createFrom(world, domain('<currentMemory>786432</currentMemory>'));
  await world.seconds(1);
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_target: '786432' });
  await world.restart();
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_target: '786432' });
});

test("another host's target in the XML is ignored", async () => {
  const world = await World.open();
  await createFrom(world, domain(metadata('<ovirt-vm:balloonTarget>1</ovirt-vm:balloonTarget>')));
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_target: '1048576' });
});

test.each([
  ['while it starts', async () => undefined],
  ['while it runs', (world: World) => world.sampled()],
  [
    'after it has ended',
    async (world: World) => {
      await world.sampled();
      world.host.guest(vmID).crash();
      await world.seconds(1);
    },
  ],
])('a used id is refused %s', async (_, live) => {
  const world = await World.open();
  await create(world);
  await live(world);
  await expect(create(world, { vmName: 'other' })).rejects.toMatchObject({ code: 4 });
});

test('a used name is refused', async () => {
  const world = await World.open();
  await create(world);
  await expect(create(world, { vmName: 'vm1' }, 2)).rejects.toMatchObject({
    code: 4,
    message: expect.stringContaining(vmID),
  });
});

test('a stopped domain that vmemd did not create is not redefined', async () => {
  const world = await World.open();
  await world.host.createDomain(domain(''), { paused: false });
  world.host.guest(vmID).shutDownFromInside();
  await world.restart();
  await expect(create(world)).rejects.toMatchObject({ code: 4 });
  await expect(create(world, { vmName: 'engine-vm' }, 2)).rejects.toMatchObject({ code: 4 });
});

test('of two simultaneous requests for one id, one is refused', async () => {
  const world = await World.open();
  const answers = await Promise.allSettled([create(world), create(world)]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  await world.seconds(1);
  expect(world.calls.filter((name) => name === 'createDomain')).toHaveLength(1);
});

test('VMs above the configured maximum are refused, even if requested simultaneously', async () => {
  const world = await World.open({ maxVms: 2 });
  const answers = await Promise.allSettled([1, 2, 3].map((n) => create(world, {}, n)));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(answers[2]).toMatchObject({ reason: { code: 1100 } });
});

test('a start that fails leaves a VM that is Down with the reason, until it is destroyed', async () => {
  const world = await World.open();
  world.faults.createDomain = () =>
    Promise.reject(new HypervisorError('failed', 'Cannot allocate memory'));
  await create(world);
  await world.seconds(1);
  await expect(world.stats(vmID)).resolves.toMatchObject({
    status: 'Down',
    exitCode: 1,
    exitReason: 1,
    exitMessage: 'Cannot allocate memory',
  });
  await expect(create(world)).rejects.toMatchObject({ code: 4 });
  await expect(world.call('VM.destroy', { vmID })).resolves.toBe(true);
  await expect(world.stats(vmID)).rejects.toMatchObject({ code: 1 });
});

test('a hypervisor out of reach is reported before anything is started', async () => {
  const world = await World.open();
  world.host.disconnect();
  await expect(create(world)).rejects.toMatchObject({
    code: 9,
    message: expect.stringContaining('not connected'),
  });
  await expect(world.call('Host.getVMList')).resolves.toEqual([]);
});

test('a VM that starts refuses actions but is listed', async () => {
  const world = await World.open();
  const launch = held<never>();
  world.faults.createDomain = (_, { onDefined }) => {
    onDefined?.();
    return launch.answer;
  };
  await create(world);
  await expect(world.call('VM.pause', { vmID })).rejects.toMatchObject({ code: 6 });
  await expect(world.call('VM.shutdown', { vmID })).rejects.toMatchObject({ code: 1 });
  await expect(world.status(vmID)).resolves.toBe('WaitForLaunch');
  launch.fail(new HypervisorError('failed', 'enough'));
});

test.each([
  ['no memory', { memSize: undefined }],
  ['a memory of 0', { memSize: 0 }],
  ['a guarantee above the memory', { memGuaranteedSize: 1026 }],
  ['a ceiling below the memory', { maxMemSize: 512 }],
  ['an empty name', { vmName: ' ' }],
  ['a NUL in the name', { vmName: 'a\u0000b' }],
  ['a control character in the name', { vmName: 'a\nb' }],
  ['two balloons', { devices: [1, 2].map(() => ({ type: 'balloon', device: 'memballoon' })) }],
])('%s is refused as an impossible VM', (_, changes) =>
  refused(parameters(1, changes), 9, 'Error creating the requested VM'),
);

test.each([
  ['cannot be read', '<domain', 100],
  ['is not a domain', '<network/>', 100],
  ['has a DOCTYPE', `<!DOCTYPE domain [<!ENTITY x "y">]>${domain('')}`, 100],
  ['has no id', domain('').replace(/<uuid>.*<\/uuid>/, ''), 100],
  ['has no memory', domain('').replace(/<memory>.*<\/memory>/, ''), 100],
  ['has two balloons', domain('', "<memballoon model='none'/><memballoon model='none'/>"), 100],
  [
    'guarantees more than there is',
    domain(metadata('<ovirt-vm:minGuaranteedMemoryMb>2048</ovirt-vm:minGuaranteedMemoryMb>')),
    9,
  ],
  [
    'has a guarantee that is no number',
    domain(metadata('<ovirt-vm:minGuaranteedMemoryMb>-1</ovirt-vm:minGuaranteedMemoryMb>')),
    9,
  ],
])('XML that %s is refused', (_, xml, code) => refused({ xml }, code, ''));

test('lists with hundreds of thousands of entries are refused', () =>
  refused(
    parameters(1, { disks: Array.from({ length: 250_000 }, () => ({ path: '/x' })) }),
    -32602,
    'vmParams.disks must be a list of at most 64 items',
  ));

test('too many custom properties are refused', () =>
  refused(
    parameters(1, {
      custom: Object.fromEntries(Array.from({ length: 129 }, (_, n) => [`k${String(n)}`, 'x'])),
    }),
    -32602,
    'vmParams.custom must be an object of at most 128 fields',
  ));

test('XML of more than 256 KiB is refused', () =>
  refused({ xml: domain(' '.repeat(256 * 1024)) }, -32602, '262144 characters'));

test.each([
  { memSize: null },
  { memSize: -1 },
  { memSize: 1024.5 },
  { memSize: 'much' },
  { memSize: true },
  { memGuaranteedSize: null },
  { maxMemSize: -4096 },
  { maxMemSlots: 257 },
  { maxMemSlots: -1 },
  { smp: 0 },
  { vmName: 5 },
  { vmId: 'x' },
  { xml: '' },
  { launchPaused: 'perhaps' },
  { devices: {} },
  { devices: [{ type: 'balloon' }] },
  { disks: [{ path: '' }] },
  { disks: Array.from({ length: 65 }, () => ({ path: '/x' })) },
  { devices: Array.from({ length: 257 }, () => ({ type: 'x', device: 'x' })) },
  { guestNumaNodes: Array.from({ length: 65 }, () => ({ cpus: '', memory: 1, nodeIndex: 0 })) },
  { custom: { list: [] } },
  { custom: { long: 'x'.repeat(4097) } },
  { kernelArgs: 'x'.repeat(4097) },
  { smp: 4097 },
])('wrong types are refused: %j', (changes) => refused(parameters(1, changes), -32602, 'vmParams'));

test.each([[{}], [{ vmID }], [{ vmID, vmParams: null }], [{ vmID: 'x', vmParams: {} }]])(
  'missing parameters are refused: %j',
  async (params) => {
    const world = await World.open();
    await expect(world.call('VM.create', params)).rejects.toMatchObject({ code: -32602 });
  },
);
