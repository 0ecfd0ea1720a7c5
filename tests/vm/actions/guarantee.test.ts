import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { openGuest } from '../../support/memoryGuest.ts';

test('a guarantee holds at once, and raises a balloon target below it', async () => {
  const { world, vmID, ask } = await openGuest();
  await ask('setBalloonTarget', { target: 524_288 });
  await world.seconds(10);
  await ask('setGuaranteedMemory', { guaranteed: 800 });
  await world.sampledFor(10);
  expect(await world.balloon(vmID)).toMatchObject({
    balloon_min: '819200',
    balloon_target: '819200',
    balloon_cur: '819200',
  });
  await ask('setBalloonTarget', { target: 524_288 });
  expect(await world.balloon(vmID)).toMatchObject({ balloon_target: '819200' });
});

test('a balloon target above the guarantee is unchanged', async () => {
  const { world, vmID, ask } = await openGuest();
  await ask('setBalloonTarget', { target: 786_432 });
  world.calls.length = 0;
  await ask('setGuaranteedMemory', { guaranteed: 300 });
  expect(world.calls).not.toContain('setBalloon');
  expect(await world.balloon(vmID)).toMatchObject({
    balloon_min: '307200',
    balloon_target: '786432',
  });
});

test('a guarantee that exceeds the memory by a MiB of rounding is one of all memory', async () => {
  const { ask } = await openGuest();
  expect(await ask('setGuaranteedMemory', { guaranteed: 1025 })).toMatchObject({
    guaranteed_mib: 1024,
  });
  await expect(ask('setGuaranteedMemory', { guaranteed: 1026 })).rejects.toMatchObject({
    code: 91,
  });
  expect(await ask('setMemory', { memory: 1152, guaranteed: 1153 })).toMatchObject({
    memory_mib: 1152,
    guaranteed_mib: 1152,
  });
});

test.each([
  [524_288, 'KiB are 512'],
  [536_870_912, 'bytes are 512'],
])(
  'a guarantee of %i MiB is refused with the unit that was probably meant',
  async (guaranteed, advice) => {
    const { ask } = await openGuest();
    await expect(ask('setGuaranteedMemory', { guaranteed })).rejects.toMatchObject({
      code: 91,
      message: expect.stringContaining(`guarantees are in MiB, ${String(guaranteed)} ${advice}`),
    });
  },
);

test('a guarantee survives a restart', async () => {
  const { world, ask, guaranteed } = await openGuest();
  await ask('setGuaranteedMemory', { guaranteed: 800 });
  await world.restart();
  expect(await guaranteed()).toBe(800);
});

test('a guarantee replaces the one of an earlier unplug, also after a restart', async () => {
  const { world, ask, unplug, outcome, guaranteed } = await openGuest({
    words: 'slow-unplug',
    devices: [128],
  });
  await world.during(6, unplug('dimm0', { memGuaranteedSize: 300 }));
  await ask('setGuaranteedMemory', { guaranteed: 800 });
  await world.restart();
  await world.seconds(20);
  expect(await outcome()).toMatchObject({ state: 'removed' });
  expect(await guaranteed()).toBe(800);
});

test.each(['setBalloon', 'setMetadata'] as const)(
  'if %s fails, the former guarantee is in force, and a second attempt takes effect as a whole',
  async (name) => {
    const { world, vmID, ask, guaranteed } = await openGuest();
    await ask('setBalloonTarget', { target: 524_288 });
    await world.seconds(10);
    world.faults[name] = () => Promise.reject(new HypervisorError('failed', 'not now'));
    await expect(ask('setGuaranteedMemory', { guaranteed: 800 })).rejects.toMatchObject({
      code: 53,
      message: expect.stringContaining('not now'),
    });
    expect(await guaranteed()).toBe(512);
    Reflect.deleteProperty(world.faults, name);
    await ask('setGuaranteedMemory', { guaranteed: 800 });
    await world.sampledFor(10);
    expect(await world.balloon(vmID)).toMatchObject({
      balloon_min: '819200',
      balloon_cur: '819200',
    });
  },
);

test('a VM without a balloon can have a guarantee', async () => {
  const { ask, guaranteed } = await openGuest({
    vm: { devices: [{ type: 'balloon', device: 'memballoon', model: 'none' }] },
  });
  await ask('setGuaranteedMemory', { guaranteed: 1024 });
  expect(await guaranteed()).toBe(1024);
});
