import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB } from '../../src/common/units.ts';
import { readAsMom } from '../support/momReader.ts';
import { idOf, parameters, World } from '../support/world.ts';
import { assertProperty } from '../support/property.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Runs one round of MoM, which must not call the hypervisor. */
async function round(world: World) {
  // calls in progress continue meanwhile
  await world.seconds(0);
  world.calls.length = 0;
  const answer = (await world.call('Host.getAllVmStats')) as readonly Fields[];
  expect(world.calls).toEqual([]);
  return { answer, guests: readAsMom(answer) };
}
const guest = async (world: World, vmID = idOf(1)) => (await round(world)).guests.get(vmID);
const simulated = (words: string) => ({ kernel: '/vmlinuz', kernelArgs: `vmemd.sim=${words}` });

describe('the reader of these tests', () => {
  const up = {
    vmId: 'a',
    vmName: 'a',
    status: 'Up',
    memUsage: '0',
    vcpuCount: '2',
    balloonInfo: { balloon_cur: '4', balloon_min: '1', balloon_max: '4' },
  };
  const memoryStats = {
    mem_total: '4',
    mem_unused: '1',
    mem_free: '2',
    majflt: 0,
    pageflt: 0,
    swap_in: 0,
    swap_out: 0,
  };

  test('accepts a VM that is Up and complete', () => {
    const told = [up, { ...up, vmId: 'b', memUsage: '7', memoryStats }, { vmId: 'c', status: '?' }];
    expect([...readAsMom(told)].map(([id, { unused }]) => [id, unused])).toEqual([
      ['a', undefined],
      ['b', 1],
    ]);
  });

  test.each<[string, object]>([
    ['no id', { vmId: undefined }],
    ['no status', { status: undefined }],
    ['no name', { vmName: undefined }],
    ['a balloon missing beside vcpuCount', { balloonInfo: undefined }],
    ['an empty balloon', { balloonInfo: {} }],
    ['a minimum with a fraction', { balloonInfo: { ...up.balloonInfo, balloon_min: '1.0' } }],
    ['no maximum', { balloonInfo: { ...up.balloonInfo, balloon_max: null } }],
    ['a current size of 0', { balloonInfo: { ...up.balloonInfo, balloon_cur: '0' } }],
    ['no memUsage', { memUsage: undefined }],
    ['use without figures', { memUsage: '7' }],
    ['use with incomplete figures', { memUsage: '7', memoryStats: { mem_total: '4' } }],
    ['a full guest', { memUsage: '7', memoryStats: { ...memoryStats, mem_unused: '0' } }],
  ])('fails as MoM does on %s', (_, change) => {
    expect(() => readAsMom([{ ...up, ...change }])).toThrow(TypeError);
  });
});

describe('MoM', () => {
  test('manages a running guest that reports', async () => {
    const world = await World.open();
    await world.boot();
    expect(await guest(world)).toMatchObject({
      name: 'vm1',
      balloon: { cur: 1_048_576, min: 524_288, max: 1_048_576 },
      unused: expect.any(Number),
      vcpuCount: 2,
      vcpuQuota: -1,
      vcpuPeriod: 100_000,
      vcpuUserLimit: 100,
    });
  });

  test.each([
    ['whose driver says nothing', simulated('no-stats')],
    ['without a driver', simulated('no-driver')],
    ['without a balloon', { devices: [{ type: 'balloon', device: 'memballoon', model: 'none' }] }],
  ])('skips a guest %s without an error', async (_, changes) => {
    const world = await World.open();
    await world.boot(1, changes);
    await world.boot(2);
    for (let rounds = 0; rounds < 3; rounds += 1) {
      await world.sampled();
      const { guests } = await round(world);
      expect(guests.get(idOf(1))?.unused).toBeUndefined();
      expect(guests.get(idOf(2))?.unused).toBeDefined();
    }
  });

  test('skips a starting guest until its statistics are complete', async () => {
    const world = await World.open();
    await world.call('VM.create', { vmID: idOf(1), vmParams: parameters() });
    let managed = false;
    for (let second = 0; second < 60; second += 1) {
      const { guests } = await round(world);
      // once managed, it stays managed
      if (managed) expect(guests.get(idOf(1))).toBeDefined();
      managed ||= guests.has(idOf(1));
      await world.seconds(1);
      if (second % 5 === 0) await world.vms.sample();
    }
    expect((await guest(world))?.unused).toBeDefined();
  });

  test('skips all guests after a restart of vmemd until they are sampled', async () => {
    const world = await World.open();
    await world.boot();
    await world.restart();
    const { answer, guests } = await round(world);
    expect(answer).toMatchObject([{ vmId: idOf(1), status: 'Up' }]);
    expect(guests.size).toBe(0);
    await world.sampled();
    expect(await guest(world)).toMatchObject({ balloon: { cur: 1_048_576 } });
  });

  test('skips a guest for which the hypervisor does not reply', async () => {
    const world = await World.open();
    await world.boot(1);
    await world.boot(2);
    world.host.disconnect();
    await expect(round(world)).resolves.toBeDefined();
    await world.seconds(120);
    await expect(round(world)).resolves.toBeDefined();
  });

  test('reads a non-zero use of an almost idle guest', async () => {
    const world = await World.open();
    const vmID = await world.boot(1, {
      memSize: 262_144,
      memGuaranteedSize: 1024,
      maxMemSize: 262_144,
    });
    world.host.guest(vmID).setWorkingSet(KiB(0));
    await world.sampled();
    expect((await world.stats(vmID))['memUsage']).toMatch(/^[1-9]\d*$/);
    expect((await guest(world))?.unused).toBeGreaterThan(200_000_000);
  });

  test('reads back the limits that it has set, so that it sets them once', async () => {
    const world = await World.open();
    const vmID = await world.boot();
    await world.call('VM.updateVmPolicy', { vmID, params: { vmId: vmID, vcpuLimit: '50' } });
    expect(await guest(world)).toMatchObject({ vcpuUserLimit: 50 });
    await world.call('VM.setCpuTuneQuota', { vmID, quota: -1 });
    await world.call('VM.setCpuTunePeriod', { vmID, period: 100_000 });
    expect(await guest(world)).toMatchObject({ vcpuQuota: -1, vcpuPeriod: 100_000 });
  });

  test('with an outdated guarantee does not go below the current one', async () => {
    const world = await World.open();
    const vmID = await world.boot();
    for (const target of [1, 400_000, 2_000_000]) {
      const params = { vmID, target };
      await expect(world.call('VM.setBalloonTarget', params)).resolves.toMatchObject({ code: 0 });
      await world.seconds(10);
      await world.vms.sample();
      const { cur = 0, min = 0, max = 0 } = (await guest(world))?.balloon ?? {};
      expect(cur).toBeGreaterThanOrEqual(min);
      expect(cur).toBeLessThanOrEqual(max);
    }
  });
});

const steps = {
  wait: (world: World) => world.seconds(7),
  sample: (world: World) => world.vms.sample(),
  shrink: (world: World) => world.call('VM.setBalloonTarget', { vmID: idOf(1), target: 600_000 }),
  grow: (world: World) => world.call('VM.setBalloonTarget', { vmID: idOf(1), target: 1_048_576 }),
  plug: (world: World) => world.plug(idOf(1)),
  pause: (world: World) => world.call('VM.pause', { vmID: idOf(1) }),
  cont: (world: World) => world.call('VM.cont', { vmID: idOf(1) }),
  reset: (world: World) => world.call('VM.reset', { vmID: idOf(1) }),
  limit: (world: World) => world.call('VM.setCpuTuneQuota', { vmID: idOf(1), quota: 50_000 }),
  restart: (world: World) => world.restart(),
  crash: (world: World) =>
    Promise.resolve().then(() => {
      world.host.guest(idOf(1)).crash();
    }),
  create: (world: World) =>
    world.call('VM.create', { vmID: idOf(1), vmParams: parameters(1, simulated('busy')) }),
  destroy: (world: World) => world.call('VM.destroy', { vmID: idOf(1) }),
} as const;

test('no round of MoM fails, whatever happens to a VM', async () => {
  const life = fc.array(fc.constantFrom(...(Object.keys(steps) as (keyof typeof steps)[])), {
    maxLength: 25,
  });
  await assertProperty(
    fc.asyncProperty(life, async (acts) => {
      const world = await World.open();
      await world.boot(1);
      for (const act of acts) {
        // a refused action changes nothing
        await steps[act](world).catch(() => undefined);
        await round(world);
      }
    }),
    { seconds: 5 },
  );
});
