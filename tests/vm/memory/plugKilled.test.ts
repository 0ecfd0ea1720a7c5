import { expect, test } from '@jest/globals';
import { onHost } from '../../support/onHost.ts';
import { openGuest } from '../../support/memoryGuest.ts';

test.each(['sent', 'done'] as const)(
  'a device that VM.hotplugMemory plugged has its operation and guarantee though vmemd was killed once the call was %s',
  async (when) => {
    const { world, vmID, plug, job, guaranteed } = await openGuest();
    world.killAt({ call: 1, operation: 'attachDevice', when });
    plug(256, { memGuaranteedSize: 1100 }).catch(() => undefined);
    await world.seconds(1);
    expect(world.isDead).toBe(true);
    await world.restart();
    await world.seconds(5);
    const { devices, guaranteed: stored } = await onHost(world, vmID).now();
    expect(devices).toHaveLength(1);
    const alias = devices[0]?.alias ?? '';
    expect(await job({ alias })).toMatchObject({
      action: 'plug',
      changes: [{ action: 'plug', alias, size_mib: 256 }],
    });
    expect([await guaranteed(), stored]).toEqual([1100, 1100]);
    await world.sampled();
    await world.seconds(60);
    expect(await job({ alias })).toMatchObject({ state: 'done' });
    expect((await onHost(world, vmID).nextRun()).guaranteed).toBe(1100);
  },
);

test('a device that VM.hotplugMemory could not plug before vmemd was killed is plugged once or not at all', async () => {
  const { world, vmID, plug, guaranteed } = await openGuest();
  world.killAt({ call: 1, operation: 'attachDevice', when: 'before' });
  plug(256, { memGuaranteedSize: 1100 }).catch(() => undefined);
  await world.seconds(1);
  await world.restart();
  await world.seconds(60);
  const { devices } = await onHost(world, vmID).now();
  expect([0, 1]).toContain(devices.length);
  expect(await guaranteed()).toBe(devices.length === 1 ? 1100 : 512);
});
