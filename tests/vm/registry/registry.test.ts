import { describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { held, never } from '../../support/faults.ts';
import { idOf, parameters, World } from '../../support/world.ts';

const foreign = (n = 1, inside = '') =>
  `<domain type='kvm'><name>theirs${String(n)}</name><uuid>${idOf(n)}</uuid>${inside}<memory>1048576</memory></domain>`;
const ids = (world: World) => world.vms.list().map(({ id }) => id);

describe('until its VMs are known', () => {
  test('requests for VMs fail with Recovering', async () => {
    const world = await World.open();
    const listing = held<never>();
    world.faults.listDomains = () => listing.answer;
    const restarted = world.restart();
    for (const method of ['Host.getVMList', 'Host.getAllVmStats', 'Host.getStats']) {
      await expect(world.call(method)).rejects.toMatchObject({ code: 99 });
    }
    const one = { vmID: idOf(1), vmParams: parameters() };
    await expect(world.call('VM.create', one)).rejects.toMatchObject({ code: 99 });
    listing.fail(new HypervisorError('unreachable', 'gone'));
    await expect(restarted).rejects.toMatchObject({ kind: 'unreachable' });
  });
});

describe('domains of other programs', () => {
  test('that run are adopted at start, and nothing is written', async () => {
    const world = await World.open();
    world.vms.stop();
    await world.host.createDomain(foreign(1), { paused: false });
    await world.host.createDomain(foreign(2), { paused: true });
    await world.host.createDomain(foreign(3), { paused: false });
    await world.host.destroyDomain(idOf(3), { graceful: false });
    await world.restart();
    expect(ids(world)).toEqual([idOf(1), idOf(2)]);
    expect(await world.status(idOf(1))).toBe('Up');
    expect(await world.status(idOf(2))).toBe('Paused');
    await world.sampled();
    expect(world.calls).not.toContain('setMetadata');
  });

  test('that start later are adopted, and removed when they stop', async () => {
    const world = await World.open();
    await world.host.createDomain(foreign(), { paused: false });
    await world.seconds(1);
    expect(await world.status(idOf(1))).toBe('Up');
    world.host.guest(idOf(1)).shutDownFromInside();
    await world.seconds(1);
    expect(ids(world)).toEqual([]);
    expect(world.news('status', idOf(1)).at(-1)).toMatchObject({ status: 'Down', exitReason: 7 });
  });

  test("keep libvirt's own guarantee", async () => {
    const world = await World.open();
    const memtune = "<memtune><min_guarantee unit='KiB'>700001</min_guarantee></memtune>";
    await world.host.createDomain(foreign(1, memtune), { paused: false });
    await world.seconds(1);
    await expect(
      world.call('VM.setBalloonTarget', { vmID: idOf(1), target: 0 }),
    ).resolves.toMatchObject({ target: 700_001 });
  });

  test('are written to only for a verb, and for a guarantee only once its device is removed', async () => {
    const world = await World.open();
    const growing = `<maxMemory slots='4'>4194304</maxMemory><cpu><numa><cell id='0' cpus='0' memory='1048576'/></numa></cpu>
      <memtune><min_guarantee unit='KiB'>1100000</min_guarantee></memtune>`;
    await world.host.createDomain(foreign(1, growing), { paused: false });
    await world.seconds(10);
    const dimm =
      "<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>";
    await world.host.attachDevice(idOf(1), dimm);
    await world.seconds(5);
    await world.during(10, world.host.detachDevice(idOf(1), 'dimm0'));
    expect(world.news('memory', idOf(1)).map(({ event }) => event)).toEqual([
      'device-added',
      'device-removed',
    ]);
    expect(world.calls).not.toContain('setMetadata');
    await world.call('VM.setBalloonTarget', { vmID: idOf(1), target: 1_048_576 });
    expect(world.calls).toContain('setMetadata');
    expect(await world.host.domainXml(idOf(1))).not.toContain('ownedUuid');
  });

  test('that cannot be read are skipped and logged', async () => {
    const world = await World.open();
    world.vms.stop();
    await world.host.createDomain(foreign(1), { paused: false });
    await world.host.createDomain(foreign(2), { paused: false });
    world.faults.domainXml = (id) =>
      id === idOf(1) ? Promise.resolve('<domain/>') : world.host.domainXml(id);
    await world.restart();
    expect(ids(world)).toEqual([idOf(2)]);
    expect(world.lines).toContainEqual(expect.objectContaining({ level: 40, vmId: idOf(1) }));
  });

  test('that end while they are being read are not listed', async () => {
    const world = await World.open();
    const reading = held<string>();
    world.faults.domainXml = () => reading.answer;
    await world.host.createDomain(foreign(), { paused: false });
    await world.seconds(1);
    const xml = await world.host.domainXml(idOf(1));
    world.host.guest(idOf(1)).crash();
    reading.release(xml);
    await world.seconds(1);
    expect(ids(world)).toEqual([]);
  });

  test('that are paused while they are being read are Paused', async () => {
    const world = await World.open();
    const reading = held<string>();
    world.faults.domainXml = () => reading.answer;
    await world.host.createDomain(foreign(), { paused: false });
    await world.seconds(1);
    await world.host.suspendDomain(idOf(1));
    reading.release(await world.host.domainXml(idOf(1)));
    await world.seconds(1);
    expect(await world.status(idOf(1))).toBe('Paused');
  });

  test('that disappear between listing and reading are skipped', async () => {
    const world = await World.open();
    world.faults.listDomains = () => Promise.resolve([]);
    await world.host.createDomain(foreign(), { paused: false });
    await world.seconds(1);
    expect(ids(world)).toEqual([]);
    expect(world.lines.filter(({ level }) => Number(level) > 30)).toEqual([]);
  });
});

describe('a VM of ours', () => {
  test('that ended before a restart is found as Down, with its exit reason', async () => {
    const world = await World.open();
    const vmID = await world.boot();
    world.vms.stop();
    world.host.guest(vmID).crash();
    await world.restart();
    expect(await world.stats(vmID)).toMatchObject({ status: 'Down', exitCode: 1, exitReason: 2 });
  });

  test('that another program starts again is read again, without the state of the run before', async () => {
    const world = await World.open();
    const vmID = await world.boot();
    const xml = await world.host.domainXml(vmID);
    await world.plug(vmID, 512, { memGuaranteedSize: 1400 });
    world.host.guest(vmID).shutDownFromInside();
    await world.seconds(1);
    await world.host.createDomain(xml, { paused: false });
    await world.sampled();
    expect(await world.status(vmID)).toBe('Up');
    expect(world.devices(vmID)).toEqual([]);
    expect(await world.balloon(vmID)).toMatchObject({
      balloon_max: '1048576',
      balloon_min: '524288',
      balloon_target: '1048576',
    });
  });
});

describe('a start', () => {
  const begin = (world: World) =>
    world.call('VM.create', { vmID: idOf(1), vmParams: parameters() });

  test('of a VM that stops before it has ended is reported with the exit reason of that stop', async () => {
    const world = await World.open();
    world.faults.createDomain = async (xml, options) => {
      const summary = await world.host.createDomain(xml, options);
      world.host.guest(summary.uuid).shutDownFromInside();
      await world.seconds(0);
      return summary;
    };
    await begin(world);
    await world.seconds(1);
    expect(await world.stats(idOf(1))).toMatchObject({ status: 'Down', exitReason: 7 });
  });

  test('that succeeds counts even if the domain cannot be read afterwards', async () => {
    const world = await World.open();
    world.faults.domainXml = () => Promise.reject(new HypervisorError('failed', 'not now'));
    await begin(world);
    await world.seconds(1);
    expect(await world.status(idOf(1))).toBe('Powering up');
    expect(world.lines).toContainEqual(
      expect.objectContaining({ level: 40, vmId: idOf(1), msg: 'the new VM could not be read' }),
    );
  });

  test('that takes too long fails, and the VM is Up when it succeeds later', async () => {
    const world = await World.open();
    const slow = held<undefined>();
    world.faults.createDomain = async (xml, { paused, onDefined }) => {
      onDefined?.();
      await slow.answer;
      return world.host.createDomain(xml, { paused });
    };
    await begin(world);
    await world.seconds(60);
    expect(await world.stats(idOf(1))).toMatchObject({
      status: 'Down',
      exitMessage: expect.stringContaining('no result within 60 s'),
    });
    slow.release(undefined);
    await world.sampled();
    expect(await world.status(idOf(1))).toBe('Up');
  });

  test('whose reply was lost succeeds if an event shows that the domain started', async () => {
    const world = await World.open();
    world.faults.createDomain = async (xml, options) => {
      await world.host.createDomain(xml, options);
      return never();
    };
    await begin(world);
    await world.seconds(59);
    expect(await world.status(idOf(1))).toBe('WaitForLaunch');
    await world.seconds(1);
    await world.vms.sample();
    expect(await world.status(idOf(1))).toBe('Up');
    await expect(world.call('VM.destroy', { vmID: idOf(1) })).resolves.toBe(true);
    await expect(world.host.listDomains()).resolves.toEqual([]);
  });

  test('of a paused VM whose reply was lost is Paused if an event shows that it is', async () => {
    const world = await World.open();
    world.faults.createDomain = async (xml) => {
      await world.host.createDomain(xml, { paused: true });
      throw new HypervisorError('unreachable', 'connection lost');
    };
    await begin(world);
    await world.seconds(1);
    expect(await world.status(idOf(1))).toBe('Paused');
  });
});

describe('a VM that hangs', () => {
  test('delays only its own callers, and only until the timeout', async () => {
    const world = await World.open();
    const [hung, other] = [await world.boot(1), await world.boot(2)];
    world.host.guest(hung).hang();
    const waiting = expect(
      world.call('VM.setMemoryStatsPeriod', { vmID: hung, period: 3 }),
    ).rejects.toMatchObject({
      code: 53,
      message: expect.stringContaining('no result within 60 s'),
    });
    const later = expect(
      world.call('VM.hotplugMemory', {
        vmID: hung,
        params: { vmId: hung, memory: { size: 128, node: 0 } },
      }),
    ).rejects.toMatchObject({ code: 70 });
    await expect(
      world.call('VM.setBalloonTarget', { vmID: other, target: 786_432 }),
    ).resolves.toMatchObject({ applied: true });
    await expect(world.stats(hung)).resolves.toMatchObject({ status: 'Up' });
    await world.plug(other);
    await world.seconds(60);
    await Promise.all([waiting, later]);
  });

  test('works again when it responds again', async () => {
    const world = await World.open();
    const vmID = await world.boot();
    const answer = world.host.guest(vmID).hang();
    const waiting = world.call('VM.setGuaranteedMemory', { vmID, guaranteed: 600 });
    await world.seconds(30);
    answer();
    await expect(waiting).resolves.toMatchObject({ guaranteed_mib: 600 });
    await expect(
      world.call('VM.setBalloonTarget', { vmID, target: 786_432 }),
    ).resolves.toMatchObject({ applied: true });
    await expect(world.plug(vmID)).resolves.toBe('dimm0');
  });
});

test('a VM with memory devices, or whose balloon is not at its target, is sampled with QEMU’s own size of the balloon', async () => {
  const world = await World.open();
  const settled = await world.boot(1);
  const ballooned = await world.boot(2);
  const grown = await world.boot(3);
  const unsettled = async (): Promise<string[]> => {
    let isUnsettled: (uuid: string) => boolean = () => false;
    world.faults.sampleAll = (options) => {
      isUnsettled = options?.isUnsettled ?? isUnsettled;
      return Promise.resolve(new Map());
    };
    await world.vms.sample();
    delete world.faults.sampleAll;
    return [settled, ballooned, grown].filter((id) => isUnsettled(id));
  };
  await world.plug(grown);
  await world.call('VM.setBalloonTarget', { vmID: ballooned, target: 786_432 });
  expect(await unsettled()).toEqual([ballooned, grown]);
  await world.seconds(30);
  await world.vms.sample();
  expect(await world.balloon(ballooned)).toMatchObject({ balloon_cur: '786432' });
  expect(await unsettled()).toEqual([grown]);
});

test('samples of unknown and ended domains are dropped', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.host.guest(vmID).crash();
  await world.seconds(1);
  world.faults.sampleAll = () =>
    Promise.resolve(
      new Map([
        [vmID, { state: 'running', current: 5 as never }],
        [idOf(9), { state: 'running', current: 5 as never }],
      ]),
    );
  await world.vms.sample();
  expect(ids(world)).toEqual([vmID]);
  expect(await world.balloon(vmID)).not.toHaveProperty('balloon_cur');
});
