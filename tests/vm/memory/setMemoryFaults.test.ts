import { describe, expect, test } from '@jest/globals';
import { HypervisorError, type HypervisorErrorKind } from '../../../src/host/hypervisor.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { type GuestSetup, openGuest } from '../../support/memoryGuest.ts';

const refusing = (kind: HypervisorErrorKind) => () =>
  Promise.reject(new HypervisorError(kind, 'not now'));
/** The feature page's VM: 1024 MiB and these devices, 1792 MiB in all. */
const seed = (setup: GuestSetup = {}) =>
  openGuest({ devices: [256, 256, 128, 128], vm: { memGuaranteedSize: 1024 }, ...setup });
describe('after a restart', () => {
  test('a step that was not sent yet is sent', async () => {
    const { world, set, job, guaranteed } = await seed();
    await set({ memory: 1024, guaranteed: 700 });
    await world.seconds(1);
    await world.restart();
    await world.seconds(30);
    expect(await job()).toMatchObject({ state: 'done', flow_id: 'flow' });
    expect(await guaranteed()).toBe(700);
  });

  test('an operation of which nothing was sent is executed', async () => {
    const { world, set, job } = await seed();
    await set({ memory: 1400, guaranteed: 900 });
    await world.restart();
    await world.seconds(30);
    expect(await job()).toMatchObject({ state: 'done' });
  });

  test('a device that was plugged is not plugged again', async () => {
    const { world, vmID, set } = await openGuest();
    const answer = set({ memory: 1536 }).catch(() => undefined);
    world.faults.attachDevice = async (id, xml) => {
      await world.host.attachDevice(id, xml);
      world.kill();
    };
    await world.seconds(1);
    delete world.faults.attachDevice;
    await world.restart();
    await world.sampled();
    await answer;
    expect(world.vms.get(vmID).memory).toBe(1536 * 1024);
  });
});

describe('an operation that cannot be written', () => {
  test('sends no unplug', async () => {
    const { world, set, told } = await seed();
    world.faults.setMetadata = refusing('failed');
    world.calls.length = 0;
    await expect(set({ memory: 1400, guaranteed: 900 })).rejects.toMatchObject({
      code: 85,
      message: expect.stringContaining('not now'),
    });
    await world.seconds(30);
    expect(world.calls).not.toContain('detachDevice');
    expect(told()).toEqual([]);
    delete world.faults.setMetadata;
    await world.during(20, set({ memory: 1400, guaranteed: 900, wait: true }));
  });

  test('sends no plug', async () => {
    const { world, set } = await openGuest();
    world.faults.setMetadata = refusing('failed');
    world.calls.length = 0;
    await expect(set({ memory: 2048 })).rejects.toMatchObject({ code: 70 });
    expect(world.calls).not.toContain('attachDevice');
  });

  test('in time is not executed after a restart, since it was reported as failed', async () => {
    const { world, vmID, set } = await openGuest();
    world.faults.setMetadata = async (...args) => {
      await world.host.setMetadata(...args);
      throw new HypervisorError('timed-out', 'not in time');
    };
    await expect(set({ memory: 2048 })).rejects.toMatchObject({ code: 70 });
    delete world.faults.setMetadata;
    await world.restart();
    await world.seconds(30);
    expect(world.vms.get(vmID).memory).toBe(1024 * 1024);
  });
});

test('the end of a VM ends a wait', async () => {
  const { world, guest, set } = await seed({ words: 'ignores-unplug' });
  const answer = set({ memory: 1400, guaranteed: 900, wait: true });
  world.clock.after(Milliseconds(7000), () => {
    guest.crash();
  });
  await expect(world.during(20, answer)).rejects.toMatchObject({
    code: 85,
    message: expect.stringContaining('the VM has ended'),
  });
});
