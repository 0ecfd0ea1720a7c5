import { describe, expect, test } from '@jest/globals';
import { HypervisorError, type HypervisorErrorKind } from '../../../src/host/hypervisor.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { type GuestSetup, openGuest } from '../../support/memoryGuest.ts';

const refusing = (kind: HypervisorErrorKind) => () =>
  Promise.reject(new HypervisorError(kind, 'not now'));
/** The feature page's VM: 1024 MiB and these devices, 1792 MiB in all. */
const seed = (setup: GuestSetup = {}) =>
  openGuest({ devices: [256, 256, 128, 128], vm: { memGuaranteedSize: 1024 }, ...setup });
const READING = ['domainXml', 'nextRunXml', 'listDomains', 'sampleAll'];

describe('a dry run', () => {
  test.each([
    ['to shrink', 1400],
    ['to grow', 2048],
  ])('%s only reads from the hypervisor', async (_, memory) => {
    const { world, vmID, set, job, devices } = await seed();
    const before = [await world.host.domainXml(vmID), await world.host.nextRunXml(vmID)];
    const jobs = await job();
    world.calls.length = 0;
    const answer = await set({ memory, guaranteed: 900, dryRun: true });
    await world.seconds(60);
    expect(answer).toMatchObject({ memory_mib: 1792, guaranteed_mib: 1024, next_run: 'kept' });
    expect(answer).not.toHaveProperty('job');
    expect(world.calls.filter((call) => !READING.includes(call))).toEqual([]);
    expect([await world.host.domainXml(vmID), await world.host.nextRunXml(vmID)]).toEqual(before);
    expect(await job()).toEqual(jobs);
    expect(await devices()).toHaveLength(4);
  });

  test('returns the plan that is executed otherwise', async () => {
    const { set } = await seed();
    const { plan, expected_mib } = (await set({ memory: 1400, guaranteed: 900, dryRun: true })) as {
      plan: unknown;
      expected_mib: unknown;
    };
    expect(await set({ memory: 1400, guaranteed: 900 })).toMatchObject({ plan, expected_mib });
  });
});

describe('growing', () => {
  test('is plugged when the verb returns, and reported when the guest uses it', async () => {
    const { world, set, told, devices } = await openGuest();
    expect(await set({ memory: 1500 })).toMatchObject({
      memory_mib: 1536,
      requested_mib: 1500,
      expected_mib: 1536,
      plan: [{ action: 'plug', size_mib: 512 }],
      warnings: [],
      job: { action: 'set-memory', state: 'running', requested_mib: 1500 },
    });
    expect(await devices()).toMatchObject([{ size_mib: 512, state: 'plugged' }]);
    await world.sampled();
    expect(told()).toEqual(['running requested', 'done online']);
  });

  test('can plug the first block as a device of its own', async () => {
    const { world, vmID, set } = await openGuest();
    const answer = await set({ memory: 1536, guaranteed: 1500, specialBlock: true });
    expect(answer).toMatchObject({
      plan: [
        { action: 'plug', size_mib: 128 },
        { action: 'plug', size_mib: 384 },
      ],
    });
    expect(await world.balloon(vmID)).toMatchObject({ balloon_min: '1536000' });
    await world.restart();
    expect(await world.balloon(vmID)).toMatchObject({ balloon_min: '1536000' });
  });

  test('with a guarantee raises the balloon target', async () => {
    const { world, vmID, ask, set } = await openGuest();
    await ask('setBalloonTarget', { target: 786_432 });
    await world.seconds(10);
    expect(await set({ memory: 2048, guaranteed: 2048 })).toMatchObject({ guaranteed_mib: 2048 });
    await world.sampledFor(10);
    expect(await world.balloon(vmID)).toMatchObject({
      balloon_target: '2097152',
      balloon_cur: '2097152',
    });
  });

  test('keeps the size of the balloon otherwise', async () => {
    const { world, vmID, ask, set } = await openGuest();
    await ask('setBalloonTarget', { target: 786_432 });
    await set({ memory: 1536 });
    expect(await world.balloon(vmID)).toMatchObject({ balloon_target: '1310720' });
  });

  test.each<[string, object, number, string]>([
    ['above the maximum', {}, 8192, 'maximum of 4096 MiB'],
    ['where all slots are taken', { maxMemSlots: 1 }, 2048, 'slots'],
  ])('%s is refused, and changes nothing', async (_, vm, memory, reason) => {
    const { world, set, devices } = await openGuest({ devices: [128], vm });
    world.calls.length = 0;
    await expect(set({ memory })).rejects.toMatchObject({
      code: 70,
      message: expect.stringContaining(reason),
    });
    expect(world.calls.filter((call) => !READING.includes(call))).toEqual([]);
    expect(await devices()).toHaveLength(1);
  });

  test('that the hypervisor refuses is an error with the present memory', async () => {
    const { world, vmID, set, told } = await openGuest();
    const nextRun = await world.host.nextRunXml(vmID);
    world.faults.attachDevice = refusing('refused');
    await expect(set({ memory: 1536 })).rejects.toMatchObject({
      code: 70,
      message: expect.stringMatching(/not now; the VM has 1024 MiB \(job [0-9a-f]{8}\)/),
    });
    expect(told()).toEqual(['running requested', 'failed failed']);
    expect(await world.host.nextRunXml(vmID)).toBe(nextRun);
  });

  test('in part is reported as partial, with the present memory', async () => {
    const { world, set, job } = await openGuest();
    world.faults.attachDevice = async (id, xml, options) => {
      delete world.faults.attachDevice;
      await world.host.attachDevice(id, xml, options);
      world.faults.attachDevice = refusing('refused');
    };
    expect(await set({ memory: 1536, guaranteed: 1500, specialBlock: true })).toMatchObject({
      memory_mib: 1152,
      expected_mib: 1536,
      guaranteed_mib: 1152,
      job: { changes: [{ state: 'requested' }, { state: 'failed', message: 'not now' }] },
    });
    await world.sampled();
    expect(await job()).toMatchObject({ state: 'partial' });
  });

  test('by two requests at once is not counted twice', async () => {
    const { world, vmID, set } = await openGuest();
    await Promise.all([set({ memory: 1536 }), set({ memory: 1536 }), world.seconds(1)]);
    expect(world.vms.get(vmID).memory).toBe(1536 * 1024);
  });

  test('whose outcome is unknown is a running job', async () => {
    const { world, vmID, set, job, devices } = await openGuest();
    let xml = '';
    world.faults.attachDevice = (_, given) => {
      xml = given;
      return refusing('timed-out')();
    };
    expect(await set({ memory: 1536, guaranteed: 1500 })).toMatchObject({
      memory_mib: 1024,
      guaranteed_mib: 512,
      job: { state: 'running' },
    });
    await world.host.attachDevice(vmID, xml);
    await world.seconds(1);
    expect(await devices()).toMatchObject([{ size_mib: 512 }]);
    expect(await world.balloon(vmID)).toMatchObject({ balloon_min: '1536000' });
    await world.sampled();
    expect(await job()).toMatchObject({ state: 'done' });
  });

  test('whose device does not appear in time is timed-out', async () => {
    const { world, set, job } = await openGuest();
    world.faults.attachDevice = refusing('timed-out');
    await set({ memory: 1536 });
    await world.seconds(120);
    expect(await job()).toMatchObject({
      state: 'failed',
      changes: [{ state: 'timed-out', message: expect.stringContaining('not there yet') }],
    });
  });
});

describe('shrinking', () => {
  test('that the guest refuses in part is partial, with the memory that remains', async () => {
    const { world, guest, set, job } = await seed();
    const answer = world.during(20, set({ memory: 1400, guaranteed: 900, wait: true }));
    void world.clock.after(Milliseconds(900), () => {
      guest.setBehaviour({ unplug: 'refuses' });
    });
    expect(await answer).toMatchObject({
      memory_mib: 1664,
      guaranteed_mib: 900,
      job: { state: 'partial', changes: [{ state: 'removed' }, { state: 'refused' }] },
    });
    expect(await job()).toMatchObject({ state: 'partial' });
  });

  test('that releases nothing is an error with wait, and lowers no guarantee', async () => {
    const { world, vmID, set } = await seed({ words: 'refuses-unplug' });
    const answer = set({ memory: 1400, guaranteed: 900, wait: true });
    await expect(world.during(20, answer)).rejects.toMatchObject({
      code: 85,
      message: expect.stringMatching(/dimm3: .*; dimm1: .*; the VM has 1792 MiB/),
    });
    expect(await world.balloon(vmID)).toMatchObject({ balloon_min: '1048576' });
  });

  test('without wait returns at once', async () => {
    const { world, set, told } = await seed({ words: 'refuses-unplug' });
    expect(await set({ memory: 1400, guaranteed: 900 })).toMatchObject({
      memory_mib: 1792,
      job: { state: 'running' },
    });
    await world.seconds(20);
    expect(told().at(-1)).toBe('failed refused refused');
  });

  test('with wait returns when the guest takes too long', async () => {
    const { world, set } = await seed({ words: 'ignores-unplug' });
    const answer = set({ memory: 1664, guaranteed: 900, wait: true });
    await expect(world.during(90, answer)).rejects.toMatchObject({
      code: 85,
      message: expect.stringContaining('has not answered'),
    });
  });

  test('by less than the smallest device is refused, with advice', async () => {
    const { set } = await seed();
    await expect(set({ memory: 1750, guaranteed: 900 })).rejects.toMatchObject({
      code: 85,
      message: expect.stringContaining('ask for 1664 MiB or less'),
    });
  });

  test('by more than is plugged releases all devices', async () => {
    const { set } = await seed();
    expect(await set({ memory: 512, guaranteed: 100 })).toMatchObject({ expected_mib: 1024 });
  });

  test('a VM without devices is refused, since its boot memory stays', async () => {
    const { set } = await openGuest();
    await expect(set({ memory: 512, guaranteed: 256 })).rejects.toMatchObject({
      code: 85,
      message: expect.stringContaining('boot memory of 1024 MiB stays'),
    });
  });

  test('is refused during an unplug, with the job to wait for', async () => {
    const { world, set, job, unplug } = await seed({ words: 'slow-unplug' });
    await world.during(6, unplug('dimm0'));
    const { job_id } = await job({ alias: 'dimm0' });
    for (const [memory, code] of [
      [1400, 85],
      [2048, 70],
    ]) {
      await expect(set({ memory, guaranteed: 900 })).rejects.toMatchObject({
        code,
        message: expect.stringContaining(job_id),
      });
    }
    await world.seconds(10);
    await expect(set({ memory: 1400, guaranteed: 900 })).resolves.toBeDefined();
  });

  test('carries the balloon target over, so that its size stays', async () => {
    const { world, vmID, ask, set } = await seed({ vm: {} });
    await ask('setBalloonTarget', { target: 1_572_864 });
    await world.seconds(10);
    await world.during(20, set({ memory: 1664, wait: true }));
    expect(await world.balloon(vmID)).toMatchObject({
      balloon_max: '1703936',
      balloon_target: '1441792',
    });
  });
});

describe('the guarantee', () => {
  test.each<[string, object, string]>([
    ['above the requested memory', { memory: 1400, guaranteed: 1402 }, '1402 MiB cannot be'],
    ['in force above the requested memory', { memory: 1000 }, '1024 MiB are guaranteed'],
  ])('%s is refused', async (_, wish, reason) => {
    const { world, set } = await seed();
    world.calls.length = 0;
    await expect(set(wish)).rejects.toMatchObject({
      code: 91,
      message: expect.stringContaining(reason),
    });
    expect(world.calls.filter((call) => !READING.includes(call))).toEqual([]);
  });

  test.each([
    ['in what virtio-mem gives', { memory: 2048, guaranteed: 2000 }],
    ['in what it is to give', { memory: 3000, guaranteed: 2500 }],
  ])('that would be %s is refused, since the balloon does not act on it', async (_, wish) => {
    const { world, set, ask, guaranteed } = await openGuest({ virtioMem: 2048 });
    await world.during(60, set({ memory: 2048, wait: true }));
    const refused = {
      code: 91,
      message: expect.stringContaining('to a VM of 1024 MiB of boot memory and DIMMs'),
    };
    await expect(set(wish)).rejects.toMatchObject(refused);
    await expect(ask('setGuaranteedMemory', { guaranteed: 2000 })).rejects.toMatchObject(refused);
    expect(await guaranteed()).toBe(512);
  });

  test('is set at once when virtio-mem grows, whatever the guest uses of it', async () => {
    const { world, set, guaranteed } = await openGuest({ virtioMem: 1024, words: 'no-online' });
    await set({ memory: 1536, guaranteed: 800 });
    expect(await guaranteed()).toBe(800);
    await world.seconds(90);
    expect(await guaranteed()).toBe(800);
  });

  test('is not set until the guest has released the requested part of virtio-mem', async () => {
    const { world, set, guaranteed } = await openGuest({
      virtioMem: 1024,
      words: 'slow-virtio-mem',
    });
    await set({ memory: 1536, guaranteed: 800 });
    await world.seconds(90);
    await set({ memory: 1200, guaranteed: 600 });
    await world.seconds(5);
    expect(await guaranteed()).toBe(800);
    await world.seconds(60);
    expect(await guaranteed()).toBe(600);
  });

  test('is set at once if the VM has the requested memory', async () => {
    const { set, guaranteed } = await seed();
    const answer = await set({ memory: 1792, guaranteed: 900 });
    expect(answer).toMatchObject({ guaranteed_mib: 900, plan: [], next_run: 'kept' });
    expect(answer).not.toHaveProperty('job');
    expect(await guaranteed()).toBe(900);
  });

  test('is unchanged if none is requested', async () => {
    const { world, set, guaranteed } = await seed();
    await world.during(20, set({ memory: 1400, wait: true }));
    expect(await guaranteed()).toBe(1024);
  });
});

describe('virtio-mem', () => {
  test('grows and shrinks by single blocks, before any DIMM', async () => {
    const { world, set, devices, told } = await openGuest({ virtioMem: 1024 });
    expect(await set({ memory: 1500 })).toMatchObject({
      expected_mib: 1500,
      plan: [{ action: 'resize', alias: 'virtiomem0', from_mib: 0, size_mib: 476 }],
    });
    await world.seconds(10);
    expect(told().at(-1)).toBe('done reached');
    expect(await devices()).toMatchObject([{ current_mib: 476, state: 'guest-online' }]);
    await world.during(20, set({ memory: 1100, wait: true }));
    expect(await devices()).toMatchObject([{ current_mib: 76 }]);
  });

  test('that gets another size meanwhile supersedes the first one', async () => {
    const { world, set, job } = await openGuest({ virtioMem: 1024, words: 'slow-virtio-mem' });
    const { job: first } = (await set({ memory: 1500 })) as { job: { job_id: string } };
    await world.seconds(5);
    await set({ memory: 1200 });
    await world.seconds(30);
    expect(await job({ jobID: first.job_id })).toMatchObject({
      changes: [{ state: 'superseded' }],
    });
    expect(await job()).toMatchObject({ state: 'done', changes: [{ state: 'reached' }] });
  });

  test('that takes too long times out with its present size, and can still complete', async () => {
    const { world, guest, set, told, outcome, devices } = await openGuest({
      virtioMem: 1024,
      hotplugTimeouts: { unplugTimeout: Milliseconds(20_000) },
    });
    await world.during(20, set({ memory: 1536, wait: true }));
    guest.setBehaviour({ unplug: 'refuses' });
    world.told.length = 0;
    await set({ memory: 1280 });
    await world.seconds(30);
    expect(told()).toEqual(['running requested', 'failed timed-out']);
    expect(await outcome('virtiomem0')).toMatchObject({
      message: expect.stringContaining('has reached 512 MiB'),
    });
    expect(await devices()).toMatchObject([{ state: 'unplugging' }]);
    guest.setBehaviour({ unplug: 'gives-back' });
    await world.seconds(20);
    expect(told().at(-1)).toBe('done reached-late');
  });

  test('that the hypervisor does not resize has failed', async () => {
    const { world, set } = await openGuest({ virtioMem: 1024 });
    world.faults.requestDeviceMemory = refusing('unsupported');
    await expect(set({ memory: 1500 })).rejects.toMatchObject({
      code: 70,
      message: expect.stringContaining('virtiomem0: not now'),
    });
  });
});
