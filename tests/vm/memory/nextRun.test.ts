import { describe, expect, test } from '@jest/globals';
import { withMemory } from '../../../src/domain-xml/edit.ts';
import { parseDomain } from '../../../src/domain-xml/parse.ts';
import { type Hypervisor, HypervisorError } from '../../../src/host/hypervisor.ts';
import { MiB, toKiB } from '../../../src/common/units.ts';
import { type GuestSetup, openGuest } from '../../support/memoryGuest.ts';
import { idOf, World } from '../../support/world.ts';

const diskFull = () => Promise.reject(new HypervisorError('failed', 'disk full'));

/** Fills the balloon at the start, so that it leaves that many MiB. */
const startsWith = (size: number) => (xml: string) =>
  xml.replace(
    /<currentMemory.*?<\/currentMemory>/,
    `<currentMemory unit='MiB'>${String(size)}</currentMemory>`,
  );

async function open(setup: GuestSetup = {}) {
  const opened = await openGuest({
    devices: [256, 256, 128, 128],
    vm: { memGuaranteedSize: 1024 },
    ...setup,
  });
  const { world, vmID } = opened;
  /** Memory and guarantee, in MiB, that the next run begins with. */
  const next = async () => {
    const { memory, metadata } = parseDomain((await world.host.nextRunXml(vmID)) ?? '');
    return [memory / 1024, metadata?.memGuaranteedSize ?? metadata?.minGuaranteedMemoryMb];
  };
  /** Replaces the configuration, as another program would. */
  const edit = async (change: (xml: string) => string) => {
    await world.host.setNextRunXml(vmID, change((await world.host.nextRunXml(vmID)) ?? ''));
    await world.seconds(1);
  };
  /** The memory that the balloon leaves at the start of the next run, in MiB. */
  const currentMemory = async () =>
    parseDomain((await world.host.nextRunXml(vmID)) ?? '').currentMemory / 1024;
  const memoryIs = (size: number) => edit((xml) => withMemory(xml, toKiB(MiB(size))));
  // The next run has the memory that this run has with its devices, as after an earlier edit.
  await memoryIs(1792);
  return { ...opened, next, edit, currentMemory, memoryIs };
}

describe('the next run begins', () => {
  test('with the requested size, not rounded, if it had the size of this run', async () => {
    const { world, set, next } = await open();
    expect(await next()).toEqual([1792, 1024]);
    expect(await set({ memory: 1400, guaranteed: 900 })).toMatchObject({ next_run: 'updated' });
    expect(await next()).toEqual([1400, 900]);
    await world.seconds(20);
    expect(await next()).toEqual([1400, 900]);
  });

  test('with the newest requested size, if it had the one requested before', async () => {
    const { world, set, next } = await open();
    await world.during(20, set({ memory: 1400, guaranteed: 900, wait: true }));
    expect(await set({ memory: 1250, guaranteed: 800 })).toMatchObject({ next_run: 'updated' });
    await world.seconds(20);
    expect(await next()).toEqual([1250, 800]);
    expect(await set({ memory: 1700, guaranteed: 1700 })).toMatchObject({ next_run: 'updated' });
    expect(await next()).toEqual([1700, 1700]);
  });

  test.each([
    ['a growth', 2048],
    ['a shrink above it', 1400],
  ])('with the balloon that somebody set for its start, after %s', async (_, memory) => {
    const { set, edit, currentMemory } = await open();
    await edit(startsWith(1100));
    expect(await set({ memory, guaranteed: 900 })).toMatchObject({
      next_run: 'updated',
      warnings: [],
    });
    expect(await currentMemory()).toBe(1100);
  });

  test('with all its memory, and a warning, if that is less than somebody set for its start', async () => {
    const { set, edit, currentMemory } = await open();
    await edit(startsWith(1500));
    const wish = { memory: 1400, guaranteed: 900 };
    const warning = expect.stringContaining('currentMemory is 1400 MiB instead of 1500 MiB');
    for (const dryRun of [true, false]) {
      expect(await set({ ...wish, dryRun })).toMatchObject({
        next_run: 'updated',
        warnings: [warning],
      });
    }
    expect(await currentMemory()).toBe(1400);
  });

  test('with its guarantee unchanged if none was requested', async () => {
    const { set, next } = await open();
    expect(await set({ memory: 1400 })).toMatchObject({ next_run: 'updated' });
    expect(await next()).toEqual([1400, 1024]);
  });

  test('with more memory and the requested guarantee after a growth', async () => {
    const { set, next } = await open();
    expect(await set({ memory: 2000, guaranteed: 2000 })).toMatchObject({ next_run: 'updated' });
    expect(await next()).toEqual([2000, 2000]);
  });

  test('with the requested size although the guest refuses', async () => {
    const { world, set, next } = await open({ words: 'refuses-unplug' });
    await set({ memory: 1400, guaranteed: 900 });
    await world.seconds(20);
    expect(await next()).toEqual([1400, 900]);
  });

  test('so also in fact', async () => {
    const { world, vmID, guest, set } = await open();
    await set({ memory: 1400, guaranteed: 900 });
    await world.seconds(20);
    const xml = (await world.host.nextRunXml(vmID)) ?? '';
    guest.crash();
    await world.seconds(1);
    await world.host.createDomain(xml, { paused: false });
    await world.sampled();
    expect(await world.balloon(vmID)).toMatchObject({
      balloon_min: '921600',
      balloon_max: '1433600',
    });
  });
});

describe('the next run of a VM with virtio-mem begins', () => {
  const openVirtioMem = async () => {
    const specParams = { size: 1024, block: 2 };
    const device = { type: 'memory', device: 'memory', model: 'virtio-mem', specParams };
    const opened = await openGuest({ vm: { devices: [device] } });
    const { world, vmID } = opened;
    /** Boot memory and the requested size of virtio-mem, in MiB. */
    const next = async () => {
      const { memory, memoryDevices } = parseDomain((await world.host.nextRunXml(vmID)) ?? '');
      return [memory / 1024 - 1024, (memoryDevices[0]?.virtioMem?.requested ?? 0) / 1024];
    };
    return { ...opened, next };
  };

  test.each([
    ['that has the memory above boot memory', 1536, [1024, 512]],
    ['that is full, with more boot memory for the rest', 2560, [1536, 1024]],
    ['that has whole blocks', 1025, [1024, 2]],
  ])('%s', async (_, memory, expected) => {
    const { set, next } = await openVirtioMem();
    expect(await set({ memory })).toMatchObject({ next_run: 'updated', warnings: [] });
    expect(await next()).toEqual(expected);
  });

  test('with the newest requested size, also if it was rounded or not reached yet', async () => {
    const { set, next } = await openVirtioMem();
    await set({ memory: 1501 });
    expect(await set({ memory: 1201 })).toMatchObject({ next_run: 'updated' });
    expect(await next()).toEqual([1024, 178]);
    expect(await set({ memory: 2560 })).toMatchObject({ next_run: 'updated' });
    expect(await next()).toEqual([1536, 1024]);
  });

  test('so also in fact', async () => {
    const { world, vmID, guest, set } = await openVirtioMem();
    await set({ memory: 2560 });
    const xml = (await world.host.nextRunXml(vmID)) ?? '';
    guest.crash();
    await world.seconds(1);
    await world.host.createDomain(xml, { paused: false });
    await world.seconds(30);
    expect(world.vms.get(vmID).usableMemory).toBe(toKiB(MiB(2560)));
  });
});

describe('after a restart in between', () => {
  test.each([
    ['DIMMs', {}, 'attachDevice'],
    ['virtio-mem', { virtioMem: 1024 }, 'requestDeviceMemory'],
  ] as const)('the next run is told of %s all the same', async (_, setup, operation) => {
    const { world, set, vmID } = await openGuest(setup);
    const memory = async () => parseDomain((await world.host.nextRunXml(vmID)) ?? '').memory / 1024;
    const answer = set({ memory: 1536 }).catch(() => undefined);
    const real = world.host[operation].bind(world.host) as (...args: unknown[]) => Promise<void>;
    world.faults[operation] = async (...args: unknown[]) => {
      await real(...args.slice(0, -1));
      world.kill();
    };
    await world.seconds(1);
    Reflect.deleteProperty(world.faults, operation);
    await world.restart();
    await world.seconds(30);
    await answer;
    expect(await memory()).toBe(1536);
    expect(await set({ memory: 1536 })).toMatchObject({ plan: [], next_run: 'updated' });
  });

  test('it is written once, since another program may change it later', async () => {
    const { world, set, next, memoryIs } = await open({ words: 'ignores-unplug' });
    world.faults.setNextRunXml = () => {
      world.kill();
      return Promise.reject(new HypervisorError('failed', 'killed'));
    };
    set({ memory: 1400, guaranteed: 900 }).catch(() => undefined);
    await world.seconds(1);
    delete world.faults.setNextRunXml;
    expect(await next()).toEqual([1792, 1024]);
    await world.restart();
    await world.seconds(20);
    expect(await next()).toEqual([1400, 900]);
    await memoryIs(1792);
    await world.restart();
    await world.seconds(100);
    expect(await next()).toEqual([1792, 900]);
  });
});

describe('while the next run cannot be written', () => {
  const openFull = async () => {
    const opened = await openGuest({ vm: { memGuaranteedSize: 1024 } });
    const { world, vmID } = opened;
    world.faults.setNextRunXml = diskFull;
    const next = async () => {
      const { memory, metadata } = parseDomain((await world.host.nextRunXml(vmID)) ?? '');
      return [memory / 1024, metadata?.memGuaranteedSize ?? metadata?.minGuaranteedMemoryMb];
    };
    /** Restarts vmemd with a hypervisor that accepts the write. */
    const restart = async () => {
      delete world.faults.setNextRunXml;
      await world.restart();
      await world.seconds(10);
    };
    return { ...opened, next, restart };
  };

  test('it gets the newest requested size in the end', async () => {
    const { world, set, next, restart } = await openFull();
    await world.during(20, set({ memory: 1280 }));
    await world.during(20, set({ memory: 1536 }));
    await restart();
    expect(await next()).toEqual([1536, 1024]);
  });

  test('also after many jobs', async () => {
    const { world, vmID, set, plug, unplug, next, restart } = await openFull();
    await world.during(20, set({ memory: 1280 }));
    for (let n = 0; n < 10; n += 1) {
      await world.during(20, plug(128));
      await world.during(20, unplug(world.devices(vmID).at(-1)));
    }
    await restart();
    expect(await next()).toEqual([1280, 1024]);
  });

  test('only a few earlier sizes are recorded', async () => {
    const { world, vmID, set } = await openFull();
    for (let n = 1; n <= 16; n += 1) await world.during(60, set({ memory: 1024 + 128 * n }));
    expect(world.vms.get(vmID).domain.metadata?.memoryJobs?.length).toBeLessThan(10_000);
  });

  test('a guarantee that is set meanwhile is kept', async () => {
    const { world, set, ask, next, restart } = await openFull();
    await world.during(20, set({ memory: 1280, guaranteed: 400 }));
    await ask('setGuaranteedMemory', { guaranteed: 1024 });
    await restart();
    expect(await next()).toEqual([1280, 1024]);
  });
});

describe('requested again, the next run begins with the memory that the VM has', () => {
  test('if it could not be written before', async () => {
    const { world, vmID, set } = await openGuest();
    world.faults.setNextRunXml = diskFull;
    await set({ memory: 1536 });
    delete world.faults.setNextRunXml;
    expect(await set({ memory: 1536, guaranteed: 700 })).toMatchObject({ next_run: 'updated' });
    expect(parseDomain((await world.host.nextRunXml(vmID)) ?? '')).toMatchObject({
      memory: 1536 * 1024,
      metadata: { memGuaranteedSize: 700 },
    });
  });

  test('after the memory was released', async () => {
    const { world, set, next } = await open();
    world.faults.setNextRunXml = diskFull;
    await world.during(20, set({ memory: 1408, guaranteed: 900, wait: true }));
    delete world.faults.setNextRunXml;
    expect(await set({ memory: 1408 })).toMatchObject({ plan: [], next_run: 'updated' });
    expect(await next()).toEqual([1408, 1024]);
  });

  test('but is not written if it has that size', async () => {
    const { world, set } = await open();
    world.calls.length = 0;
    expect(await set({ memory: 1792 })).toMatchObject({ next_run: 'updated' });
    expect(world.calls).not.toContain('setNextRunXml');
  });
});

describe('the next run is kept', () => {
  test('with its guarantee, also if only this run gets another one', async () => {
    const { set, next, memoryIs, guaranteed } = await open();
    await memoryIs(1300);
    expect(await set({ memory: 1792, guaranteed: 1700 })).toMatchObject({ next_run: 'kept' });
    expect(await guaranteed()).toBe(1700);
    expect(await next()).toEqual([1300, 1024]);
  });

  test('with its memory and guarantee if its memory differs', async () => {
    const { world, set, next, memoryIs } = await open();
    await memoryIs(1536);
    expect(await set({ memory: 1400, guaranteed: 900 })).toMatchObject({
      next_run: 'kept',
      warnings: [],
    });
    await world.seconds(20);
    expect(await next()).toEqual([1536, 1024]);
  });

  test('with its guarantee if only that differs', async () => {
    const { world, set, next, edit } = await open();
    await edit((xml) => xml.replace(/(minGuaranteedMemoryMb[^>]*>)1024</, '$1777<'));
    expect(await next()).toEqual([1792, 777]);
    expect(await set({ memory: 1400, guaranteed: 900 })).toMatchObject({ next_run: 'updated' });
    await world.seconds(20);
    expect(await next()).toEqual([1400, 777]);
  });

  test('by a dry run, which reports what would be written', async () => {
    const { world, set, next, memoryIs } = await open();
    world.calls.length = 0;
    const wish = { memory: 1400, guaranteed: 900, dryRun: true };
    expect(await set(wish)).toMatchObject({ next_run: 'updated', warnings: [] });
    expect(await next()).toEqual([1792, 1024]);
    expect(world.calls).not.toContain('setNextRunXml');
    world.faults.nextRunXml = diskFull;
    expect(await set(wish)).toMatchObject({
      next_run: 'kept',
      warnings: [expect.stringContaining('disk full')],
    });
    delete world.faults.nextRunXml;
    await memoryIs(1536);
    expect(await set(wish)).toMatchObject({ next_run: 'kept' });
  });

  test('if there is none', async () => {
    const { world, vmID, set } = await open();
    await world.host.undefineDomain(vmID);
    expect(await set({ memory: 1400, guaranteed: 900 })).toMatchObject({
      next_run: 'kept',
      warnings: [],
    });
    await world.seconds(20);
    expect(await world.balloon(vmID)).toMatchObject({ balloon_min: '921600' });
  });

  test.each<[string, Partial<Hypervisor>]>([
    ['cannot be read', { nextRunXml: diskFull }],
    ['cannot be written', { setNextRunXml: diskFull }],
  ])('with a warning if it %s, and the job continues', async (_, faults) => {
    const { world, set, next, job } = await open();
    Object.assign(world.faults, faults);
    expect(await set({ memory: 1400 })).toMatchObject({
      next_run: 'kept',
      warnings: [expect.stringContaining('disk full')],
      job: { state: 'running' },
    });
    await world.seconds(20);
    expect(await job()).toMatchObject({ state: 'done' });
    expect(await next()).toEqual([1792, 1024]);
  });
});

test('a guarantee set by VM.setGuaranteedMemory is in force in the next run, whatever that had', async () => {
  const { ask, next, edit } = await open();
  await edit((xml) => xml.replace(/(minGuaranteedMemoryMb[^>]*>)1024</, '$1777<'));
  await ask('setGuaranteedMemory', { guaranteed: 600 });
  expect(await next()).toEqual([1792, 600]);
});

test('the next run of a VM whose sizes libvirt rounds at the start is known as its own', async () => {
  const world = await World.open();
  const vmID = idOf(1);
  const xml = `<domain type='kvm'><name>odd</name><uuid>${vmID}</uuid>
    <maxMemory slots='4' unit='GiB'>4</maxMemory><memory unit='KiB'>1048001</memory>
    <cpu><numa><cell id='0' cpus='0' memory='1048001' unit='KiB'/></numa></cpu><devices/></domain>`;
  await world.call('VM.create', { vmID, vmParams: { xml } });
  await world.sampled();
  expect(await world.call('VM.setMemory', { vmID, memory: 1152 })).toMatchObject({
    next_run: 'updated',
  });
});
