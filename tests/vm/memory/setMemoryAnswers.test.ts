import { describe, expect, test } from '@jest/globals';
import { Milliseconds } from '../../../src/common/units.ts';
import { type GuestSetup, openGuest } from '../../support/memoryGuest.ts';

/** The feature page's VM: 1024 MiB and these devices, 1792 MiB in all. */
const seed = (setup: GuestSetup = {}) =>
  openGuest({ devices: [256, 256, 128, 128], vm: { memGuaranteedSize: 1024 }, ...setup });

describe('growing', () => {
  test('that the guest does not use is a result with wait', async () => {
    const { world, set } = await openGuest({ words: 'no-online' });
    const answer = set({ memory: 1536, wait: true });
    for (let looks = 0; looks < 12; looks += 1) await world.sampled();
    expect(await answer).toMatchObject({
      memory_mib: 1536,
      job: { state: 'failed', changes: [{ state: 'not-online' }] },
      warnings: [expect.stringMatching(/^ua-\w+-0: .*bring the memory online in the guest/)],
    });
  });

  test('that the guest does not report has a warning', async () => {
    const { world, set } = await openGuest({ words: 'no-driver' });
    await world.seconds(130);
    expect(await world.during(60, set({ memory: 1536, wait: true }))).toMatchObject({
      job: { changes: [{ state: 'unverified' }] },
      warnings: [expect.stringContaining('it is unknown whether it uses the device')],
    });
  });

  test('beside devices whose unplug may still complete has a warning', async () => {
    const { world, set, unplug } = await openGuest({ words: 'ignores-unplug', devices: [256] });
    await world.during(10, unplug('dimm0'));
    await world.seconds(60);
    const warnings = [
      'the guest may still release dimm0 (256 MiB), requested before, which would leave 1152 MiB',
    ];
    expect(await set({ memory: 1408, dryRun: true })).toMatchObject({ warnings });
    expect(await set({ memory: 1280 })).toMatchObject({
      warnings: [expect.stringContaining('which would leave 1024 MiB')],
    });
  });

  test('below the requested size of virtio-mem is growing as well', async () => {
    const { world, set } = await openGuest({ virtioMem: 1024, words: 'no-online' });
    expect(await world.during(200, set({ memory: 1536, wait: true }))).toMatchObject({
      job: { state: 'failed', changes: [{ state: 'timed-out' }] },
    });
  });
});

describe('shrinking', () => {
  test('to the last requested size is done already if no device fits', async () => {
    const { world, vmID, set, guaranteed } = await openGuest();
    await world.during(60, set({ memory: 1100, wait: true }));
    const again = await set({ memory: 1100, guaranteed: 1100 });
    expect(again).toMatchObject({
      expected_mib: 1152,
      plan: [],
      next_run: 'updated',
      warnings: [expect.stringContaining('has 1152 MiB already, the nearest above 1100 MiB')],
    });
    expect(again).not.toHaveProperty('job');
    expect(await guaranteed()).toBe(1100);
    expect(world.devices(vmID)).toHaveLength(1);
    await expect(set({ memory: 1130 })).rejects.toMatchObject({ code: 85 });
  });

  test('sends unplugs that may still complete again first, and no more than is missing', async () => {
    const { world, vmID, ask, unplug, set } = await openGuest({ devices: [256, 256, 128] });
    await ask('pause');
    await world.during(10, unplug('dimm0'));
    await world.seconds(100);
    await expect(world.during(10, set({ memory: 1536 }))).rejects.toMatchObject({
      code: 85,
      message: expect.stringMatching(/dimm0 \(256 MiB\).*leave 1408 MiB; ask for 1408 MiB or less/),
    });
    expect(await world.during(10, set({ memory: 1280 }))).toMatchObject({
      expected_mib: 1280,
      plan: [{ alias: 'dimm0' }, { alias: 'dimm2' }],
    });
    await ask('cont');
    await world.seconds(60);
    expect(world.vms.get(vmID).memory).toBe(1280 * 1024);
  });

  test('of a paused VM has a warning', async () => {
    const { ask, set } = await seed();
    await ask('pause');
    expect(await set({ memory: 1400, guaranteed: 900, dryRun: true })).toMatchObject({
      warnings: [expect.stringContaining('the VM is paused')],
    });
    expect(await set({ memory: 2048, dryRun: true })).toMatchObject({ warnings: [] });
  });

  test('is refused at once while a device is being detached', async () => {
    const { world, set, unplug } = await seed({ words: 'ignores-unplug' });
    const detaching = unplug('dimm0');
    await world.seconds(1);
    let message = '';
    set({ memory: 1400, guaranteed: 900 }).catch((error: unknown) => {
      message = (error as Error).message;
    });
    await world.seconds(0.1);
    expect(message).toContain('VM.getMemoryJob');
    await world.during(10, detaching);
  });

  test('or growing is decided when the operation starts', async () => {
    const { world, set } = await openGuest();
    const first = set({ memory: 1536 });
    const second = expect(set({ memory: 1500 })).rejects.toMatchObject({ code: 85 });
    await Promise.all([first, second, world.seconds(1)]);
  });

  test('of which virtio-mem released a part in time is a result', async () => {
    const { world, guest, set } = await openGuest({
      virtioMem: 1024,
      words: 'slow-virtio-mem',
      hotplugTimeouts: { unplugTimeout: Milliseconds(10_000) },
    });
    await world.during(600, set({ memory: 1536, wait: true }));
    await world.seconds(600);
    const answer = world.during(120, set({ memory: 1100, wait: true }));
    world.clock.after(Milliseconds(2000), () => {
      guest.setBehaviour({ unplug: 'refuses' });
    });
    expect(await answer).toMatchObject({
      expected_mib: 1100,
      job: { state: 'failed', changes: [{ state: 'timed-out' }] },
    });
  });
});
