import { describe, expect, test } from '@jest/globals';
import type { BalloonSample } from '../../../src/host/hypervisor.ts';
import type { Seconds } from '../../../src/common/units.ts';
import { World } from '../../support/world.ts';

type Stats = Readonly<Record<string, number>>;

/** A VM of 2 GiB with these statistics, reported now or `reportedAgo`. */
const telling = async (stats: Stats, { reportedAgo = 0, paused = false } = {}) => {
  const world = await World.open();
  const vmID = await world.boot(1, { memSize: 2048, memGuaranteedSize: 1024 });
  const lastUpdate = (world.clock.wallTime() - reportedAgo) as Seconds;
  const sample: BalloonSample = { state: 'running', lastUpdate, ...stats };
  world.faults.sampleAll = () => Promise.resolve(new Map([[vmID, sample]]));
  if (paused) await world.call('VM.pause', { vmID });
  await world.vms.sample();
  return { world, vmID, meters: await world.call('VM.getMeters', { vmID }) };
};
const meters = async (stats: Stats) => (await telling(stats)).meters;

const U1 = {
  current: 54_400,
  available: 51_200,
  unused: 25_600,
  rss: 30_000,
  swapIn: 5120,
  swapOut: 8192,
};
const METERS = {
  memory: 53.125,
  'memory.available': 50,
  'memory.usage': 25,
  'memory.resident': 29.296875,
  'memory.swap.in': 5,
  'memory.swap.out': 8,
};

describe('meters are equal to those of Ceilometer', () => {
  test.each<[string, Stats, object]>([
    ['U1: used is what is not unused', U1, METERS],
    [
      'U2: usable wins over unused',
      { ...U1, current: 80_000, available: 76_800, usable: 51_200 },
      { ...METERS, memory: 78.125, 'memory.available': 75 },
    ],
    ['U3: of nothing come no meters', {}, {}],
    [
      'D1: without a driver there is no usage',
      { current: 2_097_152, rss: 300_000, lastUpdate: 0 },
      { memory: 2048, 'memory.resident': 292.96875 },
    ],
    [
      'D2: of the total alone comes no usage',
      { current: 2_097_152, available: 2_000_000 },
      { memory: 2048, 'memory.available': 1953.125 },
    ],
    [
      'D3: a guest that has nothing unused is full, not unknown',
      { available: 51_200, unused: 0 },
      { 'memory.available': 50, 'memory.usage': 50 },
    ],
    [
      'D5: one swap counter alone is not reported',
      { swapIn: 5120, available: 51_200 },
      { 'memory.available': 50 },
    ],
  ])('%s', async (_, stats, expected) => {
    expect(await meters(stats)).toEqual(expected);
  });
});

describe('meters differ from those of Ceilometer', () => {
  // Ceilometer reports -97.7 MiB.
  test('D4: if usage would be negative', async () => {
    const stats = { current: 1_048_576, available: 500_000, usable: 600_000 };
    const found = await meters(stats);
    expect(found).toMatchObject({ memory: 1024 });
    expect(found).not.toHaveProperty('memory.usage');
  });

  // Ceilometer ignores last_update.
  test('D6: if the last report of the guest is stale', async () => {
    const { meters: told } = await telling({ ...U1, lastUpdate: 1 });
    expect(told).toEqual({ memory: 53.125, 'memory.resident': 29.296875 });
  });

  // Ceilometer repeats the guest's last report from before the pause.
  test('D7: if the VM is paused, since its guest does not report', async () => {
    const { meters: told } = await telling(U1, { paused: true });
    expect(told).toEqual({ memory: 53.125, 'memory.resident': 29.296875 });
  });

  // Ceilometer counts what the balloon holds as used by the guest.
  test('if the guest counts the memory that the balloon holds', async () => {
    const stats = { current: 1_048_576, available: 2_000_000, usable: 800_000 };
    const { world, vmID } = await telling(stats);
    await world.seconds(5);
    const lastUpdate = world.clock.wallTime();
    const sample: BalloonSample = { state: 'running', ...stats, lastUpdate } as never;
    world.faults.sampleAll = () => Promise.resolve(new Map([[vmID, sample]]));
    await world.vms.sample();
    expect(await world.call('VM.getMeters', { vmID })).toMatchObject({
      'memory.usage': (2_000_000 - 800_000 - 1_048_576) / 1024,
    });
  });
});

test('meters are absent once their samples are too old', async () => {
  const { world, vmID } = await telling(U1);
  world.faults.sampleAll = () => Promise.resolve(new Map());
  await world.seconds(15);
  expect(await world.call('VM.getMeters', { vmID })).toEqual(METERS);
  await world.seconds(1);
  expect(await world.call('VM.getMeters', { vmID })).toEqual({});
});
