import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { World } from '../../support/world.ts';
import { assertProperty } from '../../support/property.ts';

async function open(behaviour = '') {
  const world = await World.open();
  const kernel = { kernel: '/boot/vmlinuz', kernelArgs: `vmemd.sim=${behaviour}` };
  const vmID = await world.boot(1, behaviour === '' ? {} : kernel);
  const ask = (verb: 'hotplugMemory' | 'hotunplugMemory', memory: object, changes: object = {}) =>
    world.call(`VM.${verb}`, { vmID, params: { vmId: vmID, memory, ...changes } });
  return {
    world,
    vmID,
    plug: (size = 128) => ask('hotplugMemory', { device: 'memory', size, node: 0 }),
    unplug: (alias: string, changes: object = {}) => ask('hotunplugMemory', { alias }, changes),
    told: () => world.news('memory', vmID).filter(({ alias }) => alias !== undefined),
  };
}

const added = { event: 'device-added', alias: 'dimm0', size_mib: 128, memory_mib: 1152 };
const removed = { event: 'device-removed', alias: 'dimm0', size_mib: 128, memory_mib: 1024 };

test('a device that is unplugged before its addition was reported is reported as added, then as removed', async () => {
  const { world, plug, unplug, told } = await open();
  await world.during(2, Promise.all([plug(), unplug('dimm0')]));
  expect(told()).toMatchObject([added, removed]);
});

test('a device with the alias of an earlier one is reported after the removal of that one', async () => {
  const { world, plug, unplug, told } = await open();
  const all = Promise.all([plug(), unplug('dimm0'), plug(), unplug('dimm0'), plug()]);
  await world.during(5, all);
  expect(told()).toMatchObject([added, removed, added, removed, added]);
});

test('a client that receives the end of an unplug sees the memory without the device', async () => {
  const { world, vmID, plug, unplug, told } = await open();
  await plug();
  const asked = unplug('dimm0', { memGuaranteedSize: 300 }).then(async () => [
    await world.balloon(vmID),
    told().at(-1),
  ]);
  expect(await world.during(2, asked)).toMatchObject([
    { balloon_min: '307200', balloon_max: '1048576' },
    removed,
  ]);
});

test('a removed device is reported although the domain could not be read at once', async () => {
  const { world, plug, unplug, told } = await open();
  await plug();
  world.faults.detachDevice = async (vmId, alias) => {
    await world.host.detachDevice(vmId, alias);
    world.faults.domainXml = () => {
      delete world.faults.domainXml;
      return Promise.reject(new HypervisorError('failed', 'not now'));
    };
  };
  await expect(world.during(2, unplug('dimm0'))).resolves.toBe(true);
  expect(world.lines).toContainEqual(expect.objectContaining({ reason: 'not now', level: 40 }));
  expect(told()).toMatchObject([added, removed]);
});

const diskFull = () => Promise.reject(new HypervisorError('failed', 'disk full'));

test('no unplug is sent that could not be recorded', async () => {
  const { world, plug, unplug, told } = await open();
  await plug();
  world.faults.setMetadata = diskFull;
  await expect(world.during(2, unplug('dimm0', { memGuaranteedSize: 300 }))).rejects.toThrow(
    'Failed to hotunplug memory: disk full',
  );
  expect(world.calls).not.toContain('detachDevice');
  expect(told()).toMatchObject([added]);
});

test('a guarantee that cannot be written when its device is removed is in force, and written later', async () => {
  const { world, vmID, plug, unplug, told } = await open();
  await plug();
  world.faults.detachDevice = async (vmId, alias) => {
    await world.host.detachDevice(vmId, alias);
    world.faults.setMetadata = diskFull;
  };
  await world.during(2, unplug('dimm0', { memGuaranteedSize: 300 }));
  expect(told()).toMatchObject([added, removed]);
  expect(await world.balloon(vmID)).toMatchObject({ balloon_min: '307200' });
  delete world.faults.setMetadata;
  await world.restart();
  expect(await world.balloon(vmID)).toMatchObject({ balloon_min: '307200' });
});

test('a job is not reported as done before its guarantee is in force', async () => {
  const { world, vmID, plug, unplug } = await open();
  await plug();
  const seen: unknown[] = [];
  world.faults.setMetadata = async (vmId, metadata) => {
    const { state } = (await world.call('VM.getMemoryJob', { vmID })) as { state: string };
    const { balloon_min } = await world.balloon(vmID);
    seen.push(`${state} ${String(balloon_min)}`);
    await world.host.setMetadata(vmId, metadata);
  };
  await world.during(2, unplug('dimm0', { memGuaranteedSize: 300 }));
  expect(seen).toContain('running 524288');
  expect(seen).not.toContain('done 524288');
  expect(await world.call('VM.getMemoryJob', { vmID })).toMatchObject({ state: 'done' });
  expect(await world.balloon(vmID)).toMatchObject({ balloon_min: '307200' });
});

test('the guarantee of an unplug is set although vmemd was not running when the device was removed', async () => {
  const { world, vmID, plug, unplug } = await open('ignores-unplug');
  await plug();
  await world.during(8, unplug('dimm0', { memGuaranteedSize: 300 }));
  world.vms.stop();
  world.host.guest(vmID).setBehaviour({ unplug: 'gives-back' });
  await world.during(8, world.host.detachDevice(vmID, 'dimm0'));
  await world.restart();
  expect(await world.balloon(vmID)).toMatchObject({
    balloon_min: '307200',
    balloon_max: '1048576',
  });
});

test('a plug succeeds although its guarantee cannot be written', async () => {
  const { world, vmID, told } = await open();
  world.faults.attachDevice = async (...args) => {
    await world.host.attachDevice(...args);
    world.faults.setMetadata = diskFull;
  };
  const params = { vmId: vmID, memory: { size: 128, node: 0 }, memGuaranteedSize: 600 };
  await expect(world.call('VM.hotplugMemory', { vmID, params })).resolves.toEqual({
    alias: 'dimm0',
  });
  expect(told()).toMatchObject([added]);
  expect(world.lines).toContainEqual(expect.objectContaining({ level: 40, vmId: vmID }));
});

test('devices of an earlier run are not reported as removed in the next one', async () => {
  const { world, vmID, plug, told } = await open();
  await plug();
  await world.host.destroyDomain(vmID, { graceful: false });
  await world.host.createDomain(
    world.vms.get(vmID).xml.replace(/<memory model[^]*?<\/memory>/, ''),
    {
      paused: false,
    },
  );
  await world.seconds(5);
  world.told.length = 0;
  await world.host.attachDevice(
    vmID,
    "<memory model='dimm'><target><size unit='MiB'>256</size><node>0</node></target></memory>",
  );
  await world.seconds(1);
  expect(told()).toMatchObject([{ event: 'device-added', alias: 'dimm0', size_mib: 256 }]);
});

type Step = (guest: Awaited<ReturnType<typeof open>>) => unknown;
const step = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Step>(({ plug }) => plug()) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('dimm0', 'dimm1').map(
      (alias): Step =>
        ({ unplug }) =>
          unplug(alias),
    ),
  },
  fc.constantFrom<Step[]>(
    ({ world, vmID }) => world.call('VM.pause', { vmID }),
    ({ world, vmID }) => world.call('VM.cont', { vmID }),
    ({ world, vmID }) => world.call('VM.reset', { vmID }),
    ({ world }) => {
      world.host.disconnect();
    },
    ({ world }) => {
      world.host.reconnect();
    },
    ({ world, vmID }) => {
      const answer = world.host.guest(vmID).hang();
      world.clock.after(2000 as never, answer);
    },
  ),
);
const pause = fc.constantFrom(0, 0.001, 0.3, 0.8, 6);

test('for any concurrent requests, each device is added and removed in turn, and the reported devices are those of the host', async () => {
  await assertProperty(
    fc.asyncProperty(fc.array(fc.tuple(step, pause), { maxLength: 8 }), async (steps) => {
      const guest = await open();
      const { world, vmID, told } = guest;
      for (const [act, seconds] of steps) {
        Promise.resolve(act(guest)).catch(() => undefined);
        if (seconds > 0) await world.seconds(seconds);
      }
      world.host.reconnect();
      await world.seconds(60);
      const there = new Set<unknown>();
      for (const { event, alias } of told()) {
        expect(there.has(alias)).toBe(event !== 'device-added');
        if (event === 'device-added') there.add(alias);
        if (event === 'device-removed') there.delete(alias);
      }
      expect(there).toEqual(new Set(world.devices(vmID)));
    }),
    { seconds: 3 },
  );
});
