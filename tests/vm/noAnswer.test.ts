import { describe, expect, test } from '@jest/globals';
import { pageOf, seriesIn } from '../support/metricsPage.ts';
import { World } from '../support/world.ts';

/** A VM whose balloon holds 256 MiB, and which has reported since. */
async function ballooned() {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
  await world.sampledFor(60);
  world.told.length = 0;
  return { world, vmID };
}

/** Lets time go by in which samples fail. */
async function goOn(world: World, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 5) {
    await world.seconds(5);
    await world.vms.sample().catch(() => undefined);
  }
}

const troubles: readonly (readonly [string, (world: World, vmID: string) => () => void, string])[] =
  [
    [
      'the hypervisor is away',
      ({ host }) => {
        host.disconnect();
        return () => {
          host.reconnect();
        };
      },
      'not connected',
    ],
    ['its QEMU hangs', ({ host }, vmID) => host.guest(vmID).hang(), 'QEMU hangs'],
  ];

describe.each(troubles)('while %s', (_, begin, reason) => {
  test('nothing of the last sample is told as now, and the reason is told', async () => {
    const { world, vmID } = await ballooned();
    const end = begin(world, vmID);
    await goOn(world, 5);
    expect(await world.call('VM.getMeters', { vmID })).toEqual({});
    const usage = (await world.call('VM.getMemoryUsage', { vmID })) as object;
    expect(usage).toMatchObject({ used_absent_because: expect.stringContaining(reason) });
    for (const name of ['used_kib', 'allocated_kib', 'balloon_held_kib', 'unused_kib']) {
      expect(usage).not.toHaveProperty(name);
    }
    const balloon = await world.balloon(vmID);
    expect(balloon['balloon_cur_absent_because']).toContain(reason);
    expect(balloon).not.toHaveProperty('balloon_cur');
    expect(balloon).not.toHaveProperty('moving');
    const stats = await world.stats(vmID);
    expect(stats).toMatchObject({ monitorResponse: '-1', memUsage: '0' });
    for (const name of ['cpuUser', 'cpuSys', 'balloonInfo', 'vcpuCount', 'memoryStats']) {
      expect(stats).not.toHaveProperty(name);
    }
    end();
    await world.sampledFor(15);
    expect(await world.call('VM.getMeters', { vmID })).toHaveProperty(['memory.usage']);
    expect(await world.balloon(vmID)).toMatchObject({ balloon_cur: '786432', moving: 'at-target' });
    expect(await world.stats(vmID)).toMatchObject({ monitorResponse: '0', vcpuCount: '2' });
  });

  test('a ballooned guest is not said to be silent, neither then nor afterwards', async () => {
    const { world, vmID } = await ballooned();
    const end = begin(world, vmID);
    await goOn(world, 120);
    end();
    await world.sampledFor(30);
    expect(world.news('memory', vmID).map(({ event }) => event)).not.toContain('balloon-silent');
    expect(world.lines.map(({ msg }) => String(msg)).join()).not.toContain('report its memory');
    const stats = await world.stats(vmID);
    expect(stats).toMatchObject({ balloonInfo: { balloon_min: '524288', balloon_cur: '786432' } });
  });
});

test('of a VM that has hung since before vmemd started, nothing is said of its guest', async () => {
  const { world, vmID } = await ballooned();
  world.host.guest(vmID).hang();
  await world.restart();
  await goOn(world, 10);
  expect(await world.balloon(vmID)).toMatchObject({ freshness: { state: 'unknown' } });
  expect(await world.call('VM.getMemoryUsage', { vmID })).toMatchObject({
    freshness: { state: 'unknown' },
    used_absent_because: expect.stringContaining('QEMU hangs'),
  });
  const names = seriesIn(await pageOf(world)).map(({ name }) => name);
  expect(names).not.toContain('vmemd_vm_statistics_state');
  expect(names).toContain('vmemd_vm_hung');
});

test('nothing is said of the guest of a VM that is Down', async () => {
  const { world, vmID } = await ballooned();
  world.host.guest(vmID).crash();
  await world.seconds(1);
  const balloon = await world.balloon(vmID);
  expect(balloon).toMatchObject({ freshness: { state: 'unknown' } });
  expect(balloon).not.toHaveProperty('balloon_cur_absent_because');
});
