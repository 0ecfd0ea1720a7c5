import { describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { openGuest } from '../../support/memoryGuest.ts';

const diskFull = () => Promise.reject(new HypervisorError('failed', 'disk full'));

describe('a device that is plugged', () => {
  test('has a job, which is reported after the device', async () => {
    const { world, vmID, plug, job, audit } = await openGuest();
    await plug(256);
    await world.seconds(1);
    expect(world.news('memory', vmID)).toMatchObject([
      { event: 'device-added', alias: 'dimm0' },
      { event: 'memory-job', job: { action: 'plug' }, memory_mib: 1280, guaranteed_mib: 512 },
    ]);
    expect(await job()).toMatchObject({
      action: 'plug',
      state: 'running',
      flow_id: 'flow',
      changes: [{ action: 'plug', alias: 'dimm0', size_mib: 256, state: 'requested', attempts: 1 }],
    });
    expect(audit()).toMatchObject([
      { flow_id: 'flow', vmId: vmID, action: 'plug', alias: 'dimm0', size_mib: 256 },
    ]);
  });

  test('that the hypervisor refuses has no job', async () => {
    const { world, plug, job, told } = await openGuest();
    world.faults.attachDevice = () => Promise.reject(new HypervisorError('refused', 'no slot'));
    await expect(plug()).rejects.toMatchObject({ code: 70 });
    await expect(job()).rejects.toMatchObject({ code: 91 });
    expect(told()).toEqual([]);
  });

  test('is not plugged if the intent could not be written', async () => {
    const { world, plug, told, devices } = await openGuest();
    world.faults.setMetadata = diskFull;
    world.calls.length = 0;
    await expect(plug()).rejects.toMatchObject({ code: 70 });
    expect(world.calls).not.toContain('attachDevice');
    expect(told()).toEqual([]);
    expect(await devices()).toEqual([]);
  });

  test('is plugged although nothing could be written after the intent', async () => {
    const { world, plug, told, devices } = await openGuest();
    world.faults.attachDevice = async (...args) => {
      await world.host.attachDevice(...args);
      world.faults.setMetadata = diskFull;
    };
    await expect(plug()).resolves.toEqual({ alias: 'dimm0' });
    expect(told()).toEqual(['running requested']);
    expect(await devices()).toMatchObject([{ alias: 'dimm0', state: 'plugged' }]);
  });

  test('with a guarantee sets it at once, and replaces the one of an earlier unplug', async () => {
    const { world, plug, unplug, guaranteed } = await openGuest({
      words: 'slow-unplug',
      devices: [128],
    });
    await world.during(6, unplug('dimm0', { memGuaranteedSize: 300 }));
    await plug(256, { memGuaranteedSize: 700 });
    expect(await guaranteed()).toBe(700);
    await world.seconds(10);
    expect(await guaranteed()).toBe(700);
    await world.restart();
    expect(await guaranteed()).toBe(700);
  });
});

describe('the guarantee of an unplug', () => {
  const open = (words?: string) => openGuest({ devices: [512], ...(words && { words }) });

  test('is set when the device is removed, not before', async () => {
    const { world, unplug, guaranteed, job } = await open();
    const asked = unplug('dimm0', { memGuaranteedSize: 300 });
    await world.seconds(0.5);
    expect(await guaranteed()).toBe(512);
    expect(await job()).toMatchObject({ guaranteed_mib: 300, state: 'running' });
    await world.during(5, asked);
    expect(await guaranteed()).toBe(300);
  });

  test('is in force when its job is reported as done', async () => {
    const { world, vmID, unplug } = await open();
    await world.during(5, unplug('dimm0', { memGuaranteedSize: 300 }));
    const last = world.news('memory', vmID).at(-1);
    expect(last).toMatchObject({ job: { state: 'done' }, guaranteed_mib: 300, memory_mib: 1024 });
  });

  test('is never set if the guest refused, even if the device is removed by another request', async () => {
    const { world, vmID, guest, unplug, guaranteed } = await open('refuses-unplug');
    await expect(
      world.during(5, unplug('dimm0', { memGuaranteedSize: 300 })),
    ).rejects.toMatchObject({ code: 85 });
    await world.restart();
    guest.setBehaviour({ unplug: 'gives-back' });
    await world.during(5, world.host.detachDevice(vmID, 'dimm0'));
    expect(await guaranteed()).toBe(512);
  });

  test('is set late if the device is removed late', async () => {
    const { world, unplug, ask, guaranteed } = await open();
    await ask('pause');
    await world.during(70, unplug('dimm0', { memGuaranteedSize: 300 }));
    expect(await guaranteed()).toBe(512);
    await world.restart();
    await ask('cont');
    await world.seconds(5);
    expect(await guaranteed()).toBe(300);
  });

  test('raises the balloon if it is more than the balloon leaves', async () => {
    const { world, vmID, unplug, ask } = await open();
    await ask('setBalloonTarget', { target: 1_048_576 });
    await world.seconds(10);
    await world.during(5, unplug('dimm0', { memGuaranteedSize: 1000 }));
    await world.sampledFor(10);
    expect(await world.balloon(vmID)).toMatchObject({
      balloon_min: '1024000',
      balloon_target: '1024000',
      balloon_cur: '1024000',
    });
  });

  test('is in force in the next run too', async () => {
    const { world, vmID, unplug } = await open();
    await world.during(5, unplug('dimm0', { memGuaranteedSize: 300 }));
    expect(await world.host.nextRunXml(vmID)).toMatch(/memGuaranteedSize[^>]*>300</);
  });
});

describe('a balloon that holds memory', () => {
  test('causes a warning in the log before an unplug', async () => {
    const { world, unplug, ask } = await openGuest({ devices: [512] });
    await ask('setBalloonTarget', { target: 1_048_576 });
    await world.seconds(10);
    await world.during(
      10,
      unplug().catch(() => undefined),
    );
    expect(world.lines).toContainEqual(
      expect.objectContaining({
        level: 40,
        alias: 'dimm0',
        flow_id: 'flow',
        msg: expect.stringContaining('balloon holds 512 MiB'),
      }),
    );
  });

  test('causes no warning when it is empty', async () => {
    const { world, unplug } = await openGuest({ devices: [512] });
    await world.during(10, unplug());
    expect(world.lines.map(({ msg }) => msg)).not.toContainEqual(
      expect.stringContaining('balloon holds'),
    );
  });
});
