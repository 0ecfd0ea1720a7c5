import { describe, expect, test } from '@jest/globals';
import { type HostEvent, HypervisorError } from '../../../src/host/hypervisor.ts';
import { editedMetadata, OVIRT_VM } from '../../../src/domain-xml/metadata.ts';
import { readDomain } from '../../../src/domain-xml/parse.ts';
import { KiB, MiB } from '../../../src/common/units.ts';
import { held, never } from '../../support/faults.ts';
import { idOf, parameters, World } from '../../support/world.ts';

const foreign = (n = 1, inside = '') =>
  `<domain type='kvm'><name>theirs${String(n)}</name><uuid>${idOf(n)}</uuid>${inside}<memory>1048576</memory></domain>`;
const ids = (world: World) => world.vms.list().map(({ id }) => id);

const failed = (action: string) => expect.objectContaining({ action, state: 'failed' });

describe('a lost connection', () => {
  test('fails the operations under way with a reason, and the VMs stay', async () => {
    const world = await World.open();
    const vmID = await world.boot();
    world.host.disconnect('libvirtd was stopped');
    await world.seconds(1);
    await expect(
      world.call('VM.setBalloonTarget', { vmID, target: 786_432 }),
    ).rejects.toMatchObject({ code: 53, message: expect.stringContaining('not connected') });
    expect(await world.status(vmID)).toBe('Up');
    expect(world.lines).toContainEqual(
      expect.objectContaining({ level: 40, reason: 'libvirtd was stopped' }),
    );
  });

  test('updates every VM after the reconnect', async () => {
    const world = await World.open();
    await world.boot(1);
    await world.boot(2);
    await world.boot(3);
    await world.boot(4);
    world.host.disconnect();
    world.host.guest(idOf(1)).crash();
    await world.host.open();
    await world.host.suspendDomain(idOf(2));
    await world.host.destroyDomain(idOf(3), { graceful: false });
    await world.host.undefineDomain(idOf(3));
    await world.host.createDomain(foreign(9), { paused: false });
    world.host.disconnect();
    world.host.reconnect();
    await world.seconds(1);
    expect(await world.stats(idOf(1))).toMatchObject({ status: 'Down', exitReason: 2 });
    expect(await world.status(idOf(2))).toBe('Paused');
    expect(await world.stats(idOf(3))).toMatchObject({ status: 'Down' });
    expect(await world.status(idOf(4))).toBe('Up');
    expect(await world.status(idOf(9))).toBe('Up');
  });

  test('makes a VM whose domain disappeared Down as a missing domain after the reconnect', async () => {
    const world = await World.open();
    await world.boot();
    world.faults.listDomains = () => Promise.resolve([]);
    world.host.disconnect();
    world.host.reconnect();
    await world.seconds(1);
    expect(await world.stats(idOf(1))).toMatchObject({
      status: 'Down',
      exitCode: 1,
      exitReason: 9,
    });
  });

  test('reports devices that were removed meanwhile, with their guarantee, after the reconnect', async () => {
    const world = await World.open();
    const vmID = await world.boot();
    await world.plug(vmID, 256);
    await world.plug(vmID, 128);
    const asked = world.call('VM.hotunplugMemory', {
      vmID,
      params: { vmId: vmID, memory: { alias: 'dimm0' }, memGuaranteedSize: 300 },
    });
    asked.catch(() => undefined);
    await world.seconds(0.1);
    world.faults.detachDevice = never;
    world.host.disconnect();
    await world.seconds(5);
    world.told.length = 0;
    world.host.reconnect();
    await world.seconds(1);
    const told = world.news('memory', vmID).filter(({ event }) => event !== 'memory-job');
    expect(told).toEqual([
      expect.objectContaining({ event: 'device-removed', alias: 'dimm0', size_mib: 256 }),
    ]);
    expect(await world.balloon(vmID)).toMatchObject({
      balloon_min: '307200',
      balloon_max: '1179648',
    });
    expect(await world.call('VM.getMemoryJob', { vmID })).toMatchObject({
      state: 'done',
      guaranteed_mib: 300,
      changes: [{ alias: 'dimm0', state: 'removed' }],
    });
  });

  test('reports devices that were added meanwhile after the reconnect', async () => {
    const world = await World.open();
    const vmID = await world.boot();
    world.vms.stop();
    const dimm =
      "<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>";
    await world.host.attachDevice(vmID, dimm);
    await world.seconds(1);
    world.told.length = 0;
    await world.vms.start();
    expect(world.news('memory', vmID)).toEqual([
      expect.objectContaining({ event: 'device-added', alias: 'dimm0', size_mib: 128 }),
    ]);
  });

  test('reads a run that began meanwhile after the reconnect', async () => {
    const world = await World.open();
    const vmID = await world.boot(1, { kernel: '/any', kernelArgs: 'vmemd.sim=ignores-unplug' });
    await world.plug(vmID, 256);
    void world.call('VM.hotunplugMemory', {
      vmID,
      params: { vmId: vmID, memory: { alias: 'dimm0' }, memGuaranteedSize: 300 },
    });
    await world.seconds(10);
    await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
    const nextRun = (await world.host.nextRunXml(vmID)) ?? '';
    world.vms.stop();
    void world.host.destroyDomain(vmID, { graceful: false });
    await world.seconds(1);
    void world.host.createDomain(nextRun, { paused: false });
    await world.seconds(1);
    world.told.length = 0;
    await world.vms.start();
    const told = world.news('memory', vmID);
    expect(told).toEqual([
      expect.objectContaining({ event: 'memory-job', job: failed('plug') }),
      expect.objectContaining({ event: 'memory-job', job: failed('unplug') }),
    ]);
    expect(world.vms.get(vmID).operations.operations).toEqual([]);
    expect(await world.balloon(vmID)).toMatchObject({
      balloon_min: '524288',
      balloon_max: '1048576',
      balloon_target: '1048576',
    });
    expect(world.vms.get(vmID).samples.newest).toBeUndefined();
    expect(world.vms.get(vmID).operations.operations).toEqual([]);
    expect(world.vms.get(vmID).startedAt).toBeUndefined();
  });

  test('does not change a VM that is still starting', async () => {
    const world = await World.open();
    const launch = held<undefined>();
    world.faults.createDomain = async (xml, options) => {
      const summary = await world.host.createDomain(xml, options);
      await launch.answer;
      return summary;
    };
    await world.call('VM.create', { vmID: idOf(1), vmParams: parameters() });
    await world.seconds(1);
    world.host.disconnect();
    world.host.reconnect();
    await world.seconds(1);
    expect(await world.status(idOf(1))).toBe('WaitForLaunch');
    launch.release(undefined);
    await world.seconds(1);
    expect(await world.status(idOf(1))).toBe('Powering up');
  });
});

describe('events', () => {
  const open = async () => {
    let emit: (event: HostEvent) => void = () => undefined;
    const world = await World.open();
    world.faults.listen = (listener) => {
      emit = listener;
      return () => undefined;
    };
    const vmID = await world.boot();
    await world.restart();
    world.told.length = 0;
    return { world, vmID, emit: (event: HostEvent) => emit(event) };
  };

  test('of unknown domains change nothing', async () => {
    const { world, emit } = await open();
    const uuid = idOf(9);
    emit({ kind: 'device-removed', uuid, alias: 'dimm0' });
    emit({ kind: 'lifecycle', uuid, name: 'x', event: 'stopped', detail: 0 });
    emit({ kind: 'balloon-change', uuid, current: 1 as never });
    await world.seconds(1);
    expect(world.told).toEqual([]);
    expect(ids(world)).toEqual([idOf(1)]);
  });

  test('of a start that come late or twice take nothing back that was set since', async () => {
    const { world, vmID, emit } = await open();
    const [, run] = /<domain [^>]*id=["'](\d+)/.exec(await world.host.domainXml(vmID)) ?? [];
    await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
    await world.call('VM.pause', { vmID });
    const started = { kind: 'lifecycle', uuid: vmID, name: 'vm1', event: 'started', detail: 0 };
    emit({ ...started, run } as HostEvent);
    await world.seconds(1);
    expect(await world.balloon(vmID)).toMatchObject({ balloon_target: '786432' });
    expect(await world.status(vmID)).toBe('Paused');
  });

  test('of disks are not reported as memory', async () => {
    const { world, vmID, emit } = await open();
    emit({ kind: 'device-removed', uuid: vmID, alias: 'virtio-disk1' });
    await world.seconds(1);
    expect(world.told).toEqual([]);
  });

  test('of metadata that another program wrote lead to a read', async () => {
    const world = await World.open();
    const vmID = await world.boot();
    const { prefix, uri } = OVIRT_VM;
    const changes = { memGuaranteedSize: MiB(900), balloonTarget: KiB(1_000_000) };
    const xml = editedMetadata(readDomain(await world.host.domainXml(vmID)), changes);
    await world.host.setMetadata(vmID, { prefix, uri, xml });
    await world.seconds(1);
    expect(await world.balloon(vmID)).toMatchObject({
      balloon_min: '921600',
      balloon_target: '1000000',
    });
  });

  test('of a resized memory device are reported with its size', async () => {
    const { world, vmID, emit } = await open();
    const size = 262_144 as never;
    emit({ kind: 'memory-device-size-change', uuid: vmID, alias: 'virtiomem0', size });
    await world.seconds(1);
    expect(world.news('memory', vmID)).toMatchObject([
      { event: 'memory-device-size-change', alias: 'virtiomem0', size_mib: 256 },
    ]);
  });

  test('that cannot be handled are logged, and the next ones are handled', async () => {
    const { world, vmID, emit } = await open();
    world.faults.domainXml = () => Promise.reject(new HypervisorError('failed', 'not now'));
    emit({ kind: 'device-removed', uuid: vmID, alias: 'dimm0' });
    await world.seconds(1);
    expect(world.lines.at(-1)).toMatchObject({ level: 40, reason: 'not now' });
    emit({ kind: 'lifecycle', uuid: vmID, name: 'vm1', event: 'suspended', detail: 0 });
    await world.seconds(1);
    expect(await world.status(vmID)).toBe('Paused');
  });

  test('are not handled after the registry was stopped', async () => {
    const world = await World.open();
    const vmID = await world.boot();
    world.vms.stop();
    world.host.guest(vmID).crash();
    await world.seconds(1);
    expect(await world.status(vmID)).toBe('Up');
  });
});
