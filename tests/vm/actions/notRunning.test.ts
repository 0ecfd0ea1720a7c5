import { describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { held } from '../../support/faults.ts';
import { idOf, parameters, World } from '../../support/world.ts';

const vmID = idOf(1);
const params = { vmId: vmID };

/** Each verb that acts on a running VM, with its error for one that does not run: code, or true if it succeeds. */
const verbs: readonly (readonly [verb: string, given: object, code: number])[] = [
  ['VM.pause', {}, 6],
  ['VM.cont', {}, 16],
  ['VM.reset', {}, 1],
  ['VM.shutdown', {}, 1],
  ['VM.shutdown', { reboot: true }, 1],
  ['VM.setBalloonTarget', { target: 786_432 }, 53],
  ['VM.setGuaranteedMemory', { guaranteed: 600 }, 6],
  ['VM.setMemoryStatsPeriod', { period: 5 }, 6],
  ['VM.setMemory', { memory: 1152 }, 6],
  ['VM.setMemory', { memory: 1152, dryRun: true }, 6],
  ['VM.hotplugMemory', { params: { ...params, memory: { size: 128, node: 0 } } }, 6],
  ['VM.hotunplugMemory', { params: { ...params, memory: { alias: 'dimm0' } } }, 6],
  ['VM.setCpuTuneQuota', { quota: 50_000 }, 62],
  ['VM.setCpuTuneQuota', { quota: -1 }, 62],
  ['VM.setCpuTunePeriod', { period: 100_000 }, 62],
  ['VM.updateVmPolicy', { params: { ...params, vcpuLimit: 50 } }, 63],
];

const states: Readonly<Record<string, (world: World) => Promise<string>>> = {
  'that was shut down': async (world) => {
    await world.boot();
    world.host.guest(vmID).shutDownFromInside();
    await world.seconds(1);
    return 'Down';
  },
  'whose start failed': async (world) => {
    world.faults.createDomain = () => Promise.reject(new HypervisorError('failed', 'no QEMU'));
    await world.call('VM.create', { vmID, vmParams: parameters() });
    await world.seconds(1);
    return 'Down';
  },
  'whose domain was undefined after its end': async (world) => {
    await world.boot();
    world.host.guest(vmID).shutDownFromInside();
    await world.host.undefineDomain(vmID);
    await world.seconds(1);
    return 'Down';
  },
  'that is being started': async (world) => {
    const { answer } = held<never>();
    world.faults.createDomain = (_, { onDefined }) => {
      onDefined?.();
      return answer;
    };
    await world.call('VM.create', { vmID, vmParams: parameters() });
    await world.seconds(1);
    return 'WaitForLaunch';
  },
};

describe.each(Object.entries(states))('a VM %s', (_, enter) => {
  test.each(verbs)('refuses %s %j with code %d, without a call', async (method, given, code) => {
    const world = await World.open();
    const status = await enter(world);
    expect(await world.status(vmID)).toBe(status);
    world.calls.length = 0;
    await expect(world.call(method, { vmID, ...given })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(`^the VM is ${status}; `),
    });
    expect(world.calls).toEqual([]);
  });
});

test.each([
  ['VM.pause', {}],
  ['VM.setGuaranteedMemory', { guaranteed: 600 }],
  ['VM.setCpuTuneQuota', { quota: 50_000 }],
  ['VM.updateVmPolicy', { params: { ...params, vcpuLimit: 50 } }],
  ['VM.setBalloonTarget', { target: 786_432 }],
  ['VM.reset', {}],
])('a paused VM accepts %s', async (method, given) => {
  const world = await World.open();
  await world.boot();
  await world.call('VM.pause', { vmID });
  await expect(world.call(method, { vmID, ...given })).resolves.toBeDefined();
});

describe('a host without the CPU controller of cgroups', () => {
  async function without() {
    const world = await World.open();
    await world.boot();
    world.faults.setCpuTune = () =>
      Promise.reject(
        new HypervisorError(
          'refused',
          'Requested operation is not valid: cgroup CPU controller is not mounted',
        ),
      );
    return world;
  }

  test('reports the limits that hold, so that MoM need not set them', async () => {
    const world = await without();
    expect(await world.stats(vmID)).toMatchObject({ vcpuQuota: '-1', vcpuPeriod: 100_000 });
  });

  test('accepts no limit, and logs nothing', async () => {
    const world = await without();
    const before = world.lines.length;
    await expect(world.call('VM.setCpuTuneQuota', { vmID, quota: -1 })).resolves.toMatchObject({
      code: 0,
    });
    await expect(
      world.call('VM.setCpuTunePeriod', { vmID, period: 100_000 }),
    ).resolves.toMatchObject({ code: 0 });
    expect(world.lines.slice(before).filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });

  test('refuses a limit', async () => {
    const world = await without();
    await expect(world.call('VM.setCpuTuneQuota', { vmID, quota: 50_000 })).rejects.toMatchObject({
      code: 62,
      message: expect.stringContaining('cgroup CPU controller'),
    });
  });
});

test('a limit that another program set is removed although vmemd has not read it yet', async () => {
  const world = await World.open();
  await world.boot();
  await world.host.setCpuTune(vmID, { quota: 50_000 });
  await world.call('VM.setCpuTuneQuota', { vmID, quota: -1 });
  expect(await world.stats(vmID)).toMatchObject({ vcpuQuota: '-1' });
  expect(await world.host.domainXml(vmID)).not.toContain('<quota>50000</quota>');
});
