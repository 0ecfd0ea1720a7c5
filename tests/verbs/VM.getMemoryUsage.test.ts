import { expect, test } from '@jest/globals';
import { KiB } from '../../src/common/units.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, parameters, World } from '../support/world.ts';

refusesBadIds('VM.getMemoryUsage');

type Usage = Readonly<Record<string, unknown>> & {
  readonly used_kib?: number;
  readonly available_kib?: number;
  readonly usable_kib?: number;
};
const open = async (changes: object = {}) => {
  const world = await World.open();
  const vmID = await world.boot(1, changes);
  const usage = async () => (await world.call('VM.getMemoryUsage', { vmID })) as Usage;
  return { world, vmID, usage };
};
const guests = (usage: Usage) =>
  Object.keys(usage).filter((name) =>
    /^(used_kib|available|unused|usable|disk|swap|major|minor)/.test(name),
  );

test('has allocated, held, used and resident memory, and all figures of the guest', async () => {
  const { usage } = await open();
  const { used_kib, available_kib = NaN, usable_kib = NaN, ...rest } = await usage();
  expect(used_kib).toBe(available_kib - usable_kib);
  expect(rest).toEqual({
    freshness: { state: 'fresh', age_s: 0 },
    memory_kib: 1_048_576,
    guaranteed_kib: 524_288,
    allocated_kib: 1_048_576,
    balloon_held_kib: 0,
    resident_kib: expect.any(Number),
    sample_age_s: 0,
    unused_kib: expect.any(Number),
    disk_caches_kib: expect.any(Number),
    swap_in_kib: 0,
    swap_out_kib: 0,
    major_faults: expect.any(Number),
    minor_faults: expect.any(Number),
  });
});

test('memory held by the balloon never counts as used, although the guest counts it', async () => {
  const { world, vmID, usage } = await open();
  const { used_kib: before = NaN } = await usage();
  await world.call('VM.setBalloonTarget', { vmID, target: 655_360 });
  for (let n = 0; n < 8; n += 1) {
    await world.seconds(5);
    await world.vms.sample();
    // Between two reports the figure may be too high, but not too low.
    expect((await usage()).used_kib).toBeGreaterThan(before - 32 * 1024);
  }
  const { used_kib = NaN, ...rest } = await usage();
  expect(rest).toMatchObject({ allocated_kib: 655_360, balloon_held_kib: 393_216 });
  expect(Math.abs(used_kib - before)).toBeLessThan(64 * 1024);
});

test('follows a guest that uses more memory', async () => {
  const { world, vmID, usage } = await open();
  const { used_kib: before = NaN } = await usage();
  world.host.guest(vmID).setWorkingSet(KiB(700_000));
  await world.sampled();
  expect((await usage()).used_kib).toBeGreaterThan(before + 100_000);
});

test.each([
  ['has no driver', { kernel: '/k', kernelArgs: 'vmemd.sim=no-driver' }, 'never', 'driver'],
  [
    'has a driver that is silent',
    { kernel: '/k', kernelArgs: 'vmemd.sim=no-stats' },
    'never',
    'driver',
  ],
  [
    'has no balloon',
    { devices: [{ type: 'balloon', device: 'memballoon', model: 'none' }] },
    'no-device',
    'no balloon device',
  ],
])(
  'a guest that %s has no figures, and the result has the reason',
  async (_, changes, state, why) => {
    const { usage } = await open(changes);
    const answer = await usage();
    expect(answer).toMatchObject({ freshness: { state }, allocated_kib: 1_048_576 });
    expect(answer['used_absent_because']).toContain(why);
    expect(guests(answer)).toEqual([]);
  },
);

test('a guest whose statistics are turned off has no figures', async () => {
  const { world, vmID, usage } = await open();
  await world.call('VM.setMemoryStatsPeriod', { vmID, period: 0 });
  const answer = await usage();
  expect(answer.freshness).toEqual({ state: 'no-period' });
  expect(answer['used_absent_because']).toContain('VM.setMemoryStatsPeriod');
  expect(guests(answer)).toEqual([]);
});

test('a guest that has stopped reporting is stale, and its figures are omitted', async () => {
  const { world, vmID, usage } = await open();
  world.host.guest(vmID).setBehaviour({ statistics: false });
  await world.seconds(30);
  await world.vms.sample();
  expect(await usage()).toMatchObject({ freshness: { state: 'fresh', age_s: 30 } });
  await world.seconds(1);
  await world.vms.sample();
  const answer = await usage();
  expect(answer).toMatchObject({
    freshness: { state: 'stale', age_s: 31 },
    used_absent_because: 'the guest has stopped reporting',
    resident_kib: expect.any(Number),
  });
  expect(guests(answer)).toEqual([]);
});

test('a driver that reports without values differs from one that does not report', async () => {
  const { world, vmID, usage } = await open();
  world.faults.sampleAll = async () => {
    const samples = await world.host.sampleAll();
    const { state, lastUpdate, current } = samples.get(vmID) ?? {};
    return new Map([[vmID, { state, lastUpdate, current } as never]]);
  };
  await world.sampled();
  const answer = await usage();
  expect(answer).toMatchObject({ freshness: { state: 'no-values', age_s: 0 } });
  expect(answer['used_absent_because']).toContain('without values');
});

test('a paused guest is reported as paused, for as long as it is', async () => {
  const { world, vmID, usage } = await open();
  await world.call('VM.pause', { vmID });
  await world.seconds(3600);
  await world.vms.sample();
  const answer = await usage();
  expect(answer).toMatchObject({ freshness: { state: 'paused' }, allocated_kib: 1_048_576 });
  expect(guests(answer)).toEqual([]);
});

test('a hung VM has the age of its last sample, and the others are still sampled', async () => {
  const { world, vmID, usage } = await open();
  const other = await world.boot(2);
  world.host.guest(vmID).hang();
  for (let n = 0; n < 8; n += 1) {
    await world.seconds(5);
    await world.vms.sample();
  }
  expect(await usage()).toMatchObject({ freshness: { state: 'stale' }, sample_age_s: 40 });
  expect(await world.call('VM.getMemoryUsage', { vmID: other })).toMatchObject({
    freshness: { state: 'fresh' },
    sample_age_s: 0,
  });
});

test.each([
  ['its QEMU hangs', (world: World, vmID: string) => world.host.guest(vmID).hang(), 'QEMU hangs'],
  [
    'the hypervisor is away',
    (world: World) => {
      world.host.disconnect();
    },
    'not connected',
  ],
])('nothing of an old sample is left while %s, and the reason says so', async (_, fail, reason) => {
  const world = await World.open();
  const vmID = await world.boot();
  fail(world, vmID);
  for (let round = 0; round < 8; round += 1) {
    await world.seconds(10);
    await world.vms.sample().catch(() => undefined);
  }
  const usage = await world.call('VM.getMemoryUsage', { vmID });
  expect(usage).toEqual({
    freshness: { state: 'stale', age_s: expect.any(Number) },
    memory_kib: 1_048_576,
    guaranteed_kib: 524_288,
    sample_age_s: 80,
    used_absent_because: expect.stringContaining(reason),
  });
});

test.each(['WaitForLaunch', 'Down'])(
  'a VM that is %s has no usage, with that reason',
  async (status) => {
    const world = await World.open();
    const vmID = idOf(1);
    await world.call('VM.create', { vmID, vmParams: parameters() });
    if (status === 'Down') {
      await world.sampled();
      world.host.guest(vmID).crash();
      await world.seconds(1);
    }
    expect(await world.call('VM.getMemoryUsage', { vmID })).toEqual({
      freshness: { state: 'unknown' },
      memory_kib: 1_048_576,
      guaranteed_kib: 524_288,
      used_absent_because: `the VM is ${status}`,
    });
  },
);
