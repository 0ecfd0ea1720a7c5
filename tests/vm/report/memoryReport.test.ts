import { describe, expect, test } from '@jest/globals';
import { openGuest } from '../../support/memoryGuest.ts';

describe('a job', () => {
  test('has an end time only after it has ended', async () => {
    const { world, unplug, job } = await openGuest({ words: 'slow-unplug', devices: [128] });
    await world.during(6, unplug());
    expect(await job()).toEqual({
      job_id: expect.stringMatching(/^[0-9a-f]{8}$/),
      action: 'unplug',
      state: 'running',
      flow_id: 'flow',
      started: '2026-01-01T00:01:01.000Z',
      changes: [
        { action: 'unplug', alias: 'dimm0', size_mib: 128, state: 'requested', attempts: 1 },
      ],
    });
    await world.seconds(10);
    expect(await job()).toMatchObject({ state: 'done', ended: '2026-01-01T00:01:09.000Z' });
  });

  test('has the requested size and guarantee', async () => {
    const { world, set, unplug, job } = await openGuest({ devices: [128] });
    await set({ memory: 1400, guaranteed: 700 });
    expect(await job()).toMatchObject({ requested_mib: 1400, guaranteed_mib: 700 });
    await world.during(10, unplug('dimm0', { memGuaranteedSize: 300 }));
    expect(await job()).toMatchObject({ guaranteed_mib: 300 });
    expect(await job()).not.toHaveProperty('requested_mib');
  });

  test('is found by its id, by a device, or as the newest', async () => {
    const { world, unplug, job } = await openGuest({ devices: [128, 256] });
    await world.during(10, unplug('dimm0'));
    await world.during(10, unplug('dimm1'));
    const [newest, first] = [await job(), await job({ alias: 'dimm0' })];
    expect(newest.changes).toMatchObject([{ alias: 'dimm1' }]);
    expect(first.changes).toMatchObject([{ alias: 'dimm0', action: 'unplug' }]);
    expect(await job({ jobID: first.job_id })).toEqual(first);
    expect(await job({ jobID: newest.job_id, alias: 'dimm1' })).toEqual(newest);
  });

  test('that does not exist is refused with the ids of the existing ones', async () => {
    const { unplug, world, job } = await openGuest({ devices: [128] });
    await world.during(10, unplug());
    const { job_id } = await job();
    for (const wanted of [{ jobID: 'nosuch' }, { alias: 'dimm7' }, { jobID: job_id, alias: 'x' }]) {
      await expect(job(wanted)).rejects.toMatchObject({
        code: 91,
        message: expect.stringContaining(job_id),
      });
    }
  });

  test('does not exist in a run without operations', async () => {
    const { job } = await openGuest();
    await expect(job()).rejects.toMatchObject({
      code: 91,
      message: expect.stringContaining('it has none in this run'),
    });
  });

  test('is still reported for a VM that is Down', async () => {
    const { world, guest, plug, job } = await openGuest();
    await plug();
    guest.crash();
    await world.seconds(1);
    expect(await job()).toMatchObject({ state: 'failed' });
  });
});

describe('the devices of a VM', () => {
  test('are reported with their addresses in each of their states', async () => {
    const { world, guest, plug, unplug, devices } = await openGuest();
    expect(await devices()).toEqual([]);
    await plug(256);
    const dimm0 = {
      model: 'dimm',
      alias: 'dimm0',
      size_mib: 256,
      node: 0,
      slot: 0,
      base: '0x100000000',
      state: 'plugged',
      job_id: expect.any(String),
    };
    expect(await devices()).toEqual([dimm0]);
    await world.sampled();
    const message = expect.any(String);
    expect(await devices()).toEqual([{ ...dimm0, state: 'guest-online', message }]);
    guest.setBehaviour({ unplug: 'refuses' });
    await expect(world.during(1, unplug())).rejects.toMatchObject({ code: 85 });
    expect(await devices()).toEqual([{ ...dimm0, state: 'refused', message }]);
    guest.setBehaviour({ unplug: 'gives-back' });
    const asked = unplug();
    await world.seconds(0.1);
    expect(await devices()).toEqual([{ ...dimm0, state: 'unplugging' }]);
    await world.during(1, asked);
    expect(await devices()).toEqual([]);
  });

  test('that another program plugged are plugged', async () => {
    const { world, vmID, devices } = await openGuest();
    await world.host.attachDevice(
      vmID,
      "<memory model='dimm'><target><size unit='MiB'>256</size><node>0</node></target></memory>",
    );
    await world.seconds(60);
    const [device] = await devices();
    expect(device).toMatchObject({ alias: 'dimm0', state: 'plugged' });
    expect(device).not.toHaveProperty('job_id');
  });

  test('include the requested and current sizes of virtio-mem', async () => {
    const { world, set, devices } = await openGuest({ virtioMem: 1024 });
    const virtioMem = { model: 'virtio-mem', alias: 'virtiomem0', size_mib: 1024, block_mib: 2 };
    const [fresh] = await devices();
    expect(fresh).toMatchObject({
      ...virtioMem,
      requested_mib: 0,
      current_mib: 0,
      state: 'plugged',
    });
    expect(fresh).not.toHaveProperty('slot');
    await set({ memory: 1536 });
    await world.seconds(1);
    expect(await devices()).toMatchObject([{ requested_mib: 512, state: 'plugged' }]);
    await world.seconds(10);
    expect(await devices()).toMatchObject([
      { ...virtioMem, current_mib: 512, state: 'guest-online', job_id: expect.any(String) },
    ]);
    await set({ memory: 1024 });
    await world.seconds(0.5);
    expect(await devices()).toMatchObject([{ requested_mib: 0, state: 'unplugging' }]);
  });
});
