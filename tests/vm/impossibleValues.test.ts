import { expect, test } from '@jest/globals';
import { KiB, Seconds } from '../../src/common/units.ts';
import type { BalloonSample } from '../../src/host/hypervisor.ts';
import { followEvent } from '../../src/vm/registry/deviceEvents.ts';
import { pageOf, seriesIn } from '../support/metricsPage.ts';
import { World } from '../support/world.ts';

const sampleOf = (value: number): BalloonSample => ({
  state: 'running',
  vcpus: value,
  cpuTimeNs: 2n ** 64n - 1n,
  current: KiB(value),
  maximum: KiB(value),
  available: KiB(value),
  unused: KiB(value),
  usable: KiB(value),
  diskCaches: KiB(value),
  rss: KiB(value),
  swapIn: KiB(value),
  swapOut: KiB(value),
  majorFaults: value,
  minorFaults: value,
  lastUpdate: Seconds(value),
});

test.each([2 ** 53, 2 ** 63, Infinity, NaN, -1, 9e15])(
  'of a guest that reports %d everywhere, every verb and the metrics have nothing',
  async (value) => {
    const world = await World.open();
    const vmID = await world.boot();
    world.faults.sampleAll = () => Promise.resolve(new Map([[vmID, sampleOf(value)]]));
    await world.sampledFor(60);
    const [stats] = (await world.call('VM.getStats', { vmID })) as [Record<string, unknown>];
    for (const absent of ['cpuUsage', 'balloonInfo', 'memoryStats']) {
      expect(stats).not.toHaveProperty(absent);
    }
    const usage = await world.call('VM.getMemoryUsage', { vmID });
    expect(JSON.stringify(usage)).not.toContain(String(value));
    for (const verb of ['VM.getBalloonInfo', 'VM.getMeters', 'VM.getInfo'] as const) {
      await world.call(verb, { vmID });
    }
    for (const verb of ['Host.getAllVmStats', 'Host.getAllMeters'] as const) {
      await world.call(verb, {});
    }
    const ofVms = seriesIn(await pageOf(world)).filter(({ labels }) => 'domain' in labels);
    expect(
      ofVms.filter((series) => !Number.isSafeInteger(series.value) || series.value < 0),
    ).toEqual([]);
  },
);

test('an impossible size in an event of QEMU is not passed on', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const { balloonHeld } = world.vms.get(vmID).usage;
  world.told.length = 0;
  const vm = world.vms.get(vmID);
  await followEvent(vm, { kind: 'balloon-change', uuid: vmID, current: KiB(2 ** 64) });
  const size = KiB(2 ** 64);
  const followed = followEvent(vm, {
    kind: 'memory-device-size-change',
    uuid: vmID,
    alias: 'ua-1',
    size,
  });
  await world.seconds(1);
  await followed;
  expect(world.told).toEqual([]);
  expect(vm.usage.balloonHeld).toBe(balloonHeld);
});

const READING = [
  ['VM.setBalloonTarget', { target: 512 * 1024 }],
  ['VM.setGuaranteedMemory', { guaranteed: 300 }],
  ['VM.setMemoryStatsPeriod', { period: 30 }],
] as const;

test.each(READING)(
  '%s fails with the reason if the XML of the domain cannot be read',
  async (method, params) => {
    const world = await World.open();
    const vmID = await world.boot();
    for (const torn of ['<domain><name>', '<domain><memory>many</memory></domain>', '']) {
      world.faults.domainXml = () => Promise.resolve(torn);
      world.faults.nextRunXml = () => Promise.resolve(torn);
      await expect(world.call(method, { vmID, ...params })).rejects.toMatchObject({
        name: expect.not.stringContaining('InternalError'),
        message: expect.stringContaining('the XML of the domain cannot be read'),
      });
    }
  },
);
