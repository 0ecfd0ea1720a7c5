import { describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { openGuest } from '../../support/memoryGuest.ts';

describe('the newest guarantee is in force', () => {
  test('when the device of an earlier unplug is removed late', async () => {
    const { world, vmID, guest, unplug, guaranteed } = await openGuest({
      words: 'ignores-unplug',
      devices: [256, 256],
      vm: { memGuaranteedSize: 1024 },
    });
    await world.during(10, unplug('dimm0', { memGuaranteedSize: 256 }));
    await world.seconds(100);
    guest.setBehaviour({ unplug: 'gives-back' });
    await world.during(10, unplug('dimm1', { memGuaranteedSize: 700 }));
    expect(await guaranteed()).toBe(700);
    await world.during(10, world.host.detachDevice(vmID, 'dimm0'));
    expect(world.devices(vmID)).toEqual([]);
    expect(await guaranteed()).toBe(700);
  });

  test('and not a newer one whose unplug failed', async () => {
    const { world, vmID, guest, unplug, guaranteed } = await openGuest({
      words: 'ignores-unplug',
      devices: [256, 256],
      vm: { memGuaranteedSize: 1000 },
    });
    await world.during(10, unplug('dimm0', { memGuaranteedSize: 600 }));
    await world.seconds(100);
    guest.setBehaviour({ unplug: 'refuses' });
    const refused = unplug('dimm1', { memGuaranteedSize: 700 });
    await expect(world.during(10, refused)).rejects.toMatchObject({ code: 85 });
    guest.setBehaviour({ unplug: 'gives-back' });
    await world.during(10, world.host.detachDevice(vmID, 'dimm0'));
    expect(await guaranteed()).toBe(600);
  });

  test('also of two unplugs whose devices a third one without a guarantee requests', async () => {
    const { world, guest, unplug, set, guaranteed } = await openGuest({
      words: 'ignores-unplug',
      devices: [256, 256],
    });
    await world.during(10, unplug('dimm0', { memGuaranteedSize: 300 }));
    await world.seconds(80);
    await world.during(10, unplug('dimm1', { memGuaranteedSize: 400 }));
    await world.seconds(80);
    guest.setBehaviour({ unplug: 'gives-back' });
    await world.during(30, set({ memory: 1024, wait: true }));
    expect(await guaranteed()).toBe(400);
  });

  test('and not the one of a shrink that a growth replaced', async () => {
    const { world, set, guaranteed } = await openGuest({
      virtioMem: 512,
      words: 'slow-virtio-mem',
    });
    await world.during(60, set({ memory: 1536, wait: true }));
    await set({ memory: 1024, guaranteed: 300 });
    await world.seconds(1);
    await set({ memory: 1536 });
    await world.seconds(100);
    expect(await guaranteed()).toBe(512);
  });

  test('also if it was given with a plug and is in force already', async () => {
    const { world, unplug, ask, plug, guaranteed } = await openGuest({ devices: [256, 256] });
    await ask('setGuaranteedMemory', { guaranteed: 600 });
    await ask('pause');
    await world.during(10, unplug('dimm0', { memGuaranteedSize: 256 }));
    await world.seconds(100);
    await world.during(5, plug(128, { memGuaranteedSize: 600 }));
    await ask('cont');
    await world.seconds(30);
    expect(await guaranteed()).toBe(600);
  });
});

describe('a device whose unplug is requested again', () => {
  const busy = () => Promise.reject(new HypervisorError('failed', 'monitor busy'));

  test.each<['detachDevice' | 'setMetadata', string]>([
    ['detachDevice', 'removed'],
    ['setMetadata', 'removed-late'],
  ])(
    'can still be removed, with its guarantee, if that request failed at %s',
    async (at, state) => {
      const { world, vmID, guest, set, unplug, job, guaranteed } = await openGuest({
        words: 'ignores-unplug',
        devices: [256],
      });
      await world.during(10, unplug('dimm0', { memGuaranteedSize: 300 }));
      await world.seconds(80);
      world.faults[at] = busy;
      const again = at === 'detachDevice' ? unplug('dimm0') : set({ memory: 1024 });
      await expect(world.during(10, again)).rejects.toMatchObject({ code: 85 });
      Reflect.deleteProperty(world.faults, at);
      guest.setBehaviour({ unplug: 'gives-back' });
      await world.during(10, world.host.detachDevice(vmID, 'dimm0'));
      await world.seconds(10);
      expect(await job()).toMatchObject({ changes: [{ state }] });
      expect(await guaranteed()).toBe(300);
    },
  );

  test('replaces the earlier requests and inherits their guarantee', async () => {
    const { world, vmID, ask, unplug, job, guaranteed } = await openGuest({
      devices: [256],
      hotplugTimeouts: { unplugTimeout: Milliseconds(1000) },
    });
    await ask('pause');
    await world.during(10, unplug('dimm0', { memGuaranteedSize: 300 }));
    const { job_id: first } = await job();
    for (let n = 0; n < 20; n += 1) await world.during(10, unplug());
    expect(world.vms.get(vmID).operations.operations.length).toBeLessThan(12);
    expect(await job({ jobID: first }).catch(() => undefined)).toBeUndefined();
    await ask('cont');
    await world.seconds(30);
    expect((await job()).changes).toMatchObject([{ state: 'removed-late' }]);
    expect(await guaranteed()).toBe(300);
  });

  test('is not refused by the refusal of an earlier request', async () => {
    const { world, guest, unplug, outcome, guaranteed } = await openGuest({
      words: 'refuses-unplug',
      devices: [256],
    });
    const again = unplug('dimm0', { memGuaranteedSize: 300 }).catch(() => {
      guest.setBehaviour({ unplug: 'gives-back', unplugTime: Milliseconds(8000) });
      return unplug('dimm0', { memGuaranteedSize: 400 });
    });
    expect(await world.during(7, again)).toBe(true);
    await world.seconds(30);
    expect(await outcome()).toMatchObject({ state: 'removed' });
    expect(await guaranteed()).toBe(400);
  });
});

describe('a plug', () => {
  test('that was recorded but not sent when vmemd was killed is sent after the restart', async () => {
    const { world, vmID, set } = await openGuest();
    set({ memory: 1536 }).catch(() => undefined);
    world.faults.attachDevice = () => {
      world.kill();
      return new Promise(() => undefined);
    };
    await world.seconds(1);
    delete world.faults.attachDevice;
    await world.restart();
    await world.seconds(1);
    expect(world.devices(vmID)).toHaveLength(1);
  });

  test('whose reply was lost succeeds with its guarantee if the device is there', async () => {
    const { world, plug, outcome, guaranteed } = await openGuest();
    world.faults.attachDevice = async (...args) => {
      await world.host.attachDevice(...args);
      throw new HypervisorError('timed-out', 'no answer');
    };
    await expect(world.during(5, plug(256, { memGuaranteedSize: 600 }))).resolves.toEqual({
      alias: 'dimm0',
    });
    for (let n = 0; n < 3; n += 1) await world.sampled();
    expect(await outcome()).toMatchObject({ state: 'online' });
    expect(await guaranteed()).toBe(600);
  });

  test('that was reported as failed is not sent after a restart', async () => {
    const { world, vmID, set, job } = await openGuest({ timeoutS: 10 });
    let plugs = 0;
    world.faults.attachDevice = (id, xml, options) => {
      plugs += 1;
      if (plugs > 1) return world.host.attachDevice(id, xml, options);
      return new Promise((_, reject) => {
        options?.signal?.addEventListener('abort', () => {
          reject(new HypervisorError('timed-out', 'hung'));
        });
      });
    };
    const asked = set({ memory: 1536, specialBlock: true }).catch(() => undefined);
    await world.during(12, asked);
    const failed = (await job()).changes.filter(({ state }) => state === 'failed');
    expect(failed).toHaveLength(1);
    delete world.faults.attachDevice;
    await world.restart();
    await world.seconds(5);
    expect(world.devices(vmID)).not.toContain(failed[0]?.['alias']);
  });
});
