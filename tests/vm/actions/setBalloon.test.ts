import { describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { type GuestSetup, openGuest } from '../../support/memoryGuest.ts';

/** The feature page's VM: 1024 MiB and these devices, 1792 MiB in all. */
const seed = (setup: GuestSetup = {}) =>
  openGuest({ devices: [256, 256, 128, 128], vm: { memGuaranteedSize: 1024 }, ...setup });

describe('a balloon that holds memory', () => {
  const open = async (setup: GuestSetup = {}) => {
    const opened = await seed({ vm: {}, ...setup });
    await opened.ask('setBalloonTarget', { target: 1_310_720 });
    await opened.world.seconds(20);
    return opened;
  };

  test('causes a warning before an unplug', async () => {
    const { set } = await open();
    expect(await set({ memory: 1400, dryRun: true })).toMatchObject({
      warnings: [expect.stringContaining('the balloon holds 512 MiB')],
    });
  });

  test('is deflated before the unplug with deflate, and gets its target back afterwards', async () => {
    const { world, vmID, set, told } = await open({ words: 'slow-balloon' });
    expect(await set({ memory: 1400, deflate: true })).toMatchObject({ warnings: [] });
    await world.seconds(10);
    expect(told()).toEqual([]);
    await world.seconds(60);
    expect(told().at(-1)).toBe('done removed removed');
    expect(await world.balloon(vmID)).toMatchObject({
      balloon_max: '1441792',
      balloon_target: '917504',
    });
  });

  test('is waited for no longer than the unplug timeout', async () => {
    const { world, set, told } = await open({
      words: 'slow-balloon',
      hotplugTimeouts: { unplugTimeout: Milliseconds(5000) },
    });
    await set({ memory: 1664, deflate: true });
    await world.seconds(7);
    expect(told()[0]).toBe('running requested');
  });

  test('is deflated before the unplug also after a restart', async () => {
    const { world, vmID, set, job } = await open({ words: 'slow-balloon' });
    await set({ memory: 1400, deflate: true });
    await world.seconds(5);
    await world.restart();
    expect(await job()).toMatchObject({ changes: [{ state: 'queued' }, { state: 'queued' }] });
    await world.vms.sample();
    await world.seconds(60);
    expect(await job()).toMatchObject({ state: 'done' });
    expect(world.vms.get(vmID).memory).toBe(1408 * 1024);
    expect(await world.balloon(vmID)).toMatchObject({ balloon_target: '917504' });
  });

  test('gets its target back also after a restart during the unplug', async () => {
    const { world, vmID, set, job } = await open({ words: 'ignores-unplug' });
    await set({ memory: 1664, deflate: true });
    await world.seconds(20);
    expect(await world.balloon(vmID)).toMatchObject({ balloon_target: '1835008' });
    await world.restart();
    await world.seconds(70);
    expect(await job()).toMatchObject({ state: 'failed', changes: [{ state: 'timed-out' }] });
    expect(await world.balloon(vmID)).toMatchObject({ balloon_target: '1310720' });
  });

  test('is not changed again after the job, whatever a client sets', async () => {
    const { world, vmID, set, ask } = await open();
    await set({ memory: 1400, deflate: true });
    await world.seconds(60);
    await ask('setBalloonTarget', { target: 1_441_792 });
    await world.restart();
    await world.seconds(60);
    expect(await world.balloon(vmID)).toMatchObject({ balloon_target: '1441792' });
  });

  test('keeps a target that a client sets meanwhile, even that of an empty balloon', async () => {
    const { world, vmID, set, ask } = await open({ words: 'ignores-unplug' });
    await set({ memory: 1664, deflate: true });
    await world.seconds(20);
    await ask('setBalloonTarget', { target: 1_835_008 });
    await world.seconds(70);
    expect(await world.balloon(vmID)).toMatchObject({ balloon_target: '1835008' });
  });

  test('keeps a target that a client sets meanwhile, also after a restart', async () => {
    const { world, vmID, set, ask } = await open({ words: 'ignores-unplug' });
    await set({ memory: 1664, deflate: true });
    await world.seconds(20);
    await ask('setBalloonTarget', { target: 1_835_008 });
    await world.restart();
    await world.seconds(90);
    expect(await world.balloon(vmID)).toMatchObject({ balloon_target: '1835008' });
  });

  test('stays deflated if vmemd stops before the job ends', async () => {
    const { world, vmID, set, job } = await open({ words: 'ignores-unplug' });
    await set({ memory: 1664, deflate: true });
    await world.seconds(20);
    world.vms.endWaits();
    await world.seconds(1);
    expect(await job()).toMatchObject({ state: 'running' });
    expect(await world.balloon(vmID)).toMatchObject({ balloon_target: '1835008' });
  });

  test.each(['setBalloon', 'setMetadata'] as const)(
    'takes it again as soon as %s works',
    async (operation) => {
      const { world, vmID, set } = await open({ words: 'ignores-unplug' });
      await set({ memory: 1664, deflate: true });
      await world.seconds(20);
      world.faults[operation] = () => Promise.reject(new HypervisorError('unreachable', 'away'));
      await world.seconds(50);
      Reflect.deleteProperty(world.faults, operation);
      await world.seconds(10);
      await world.sampled();
      const { balloon_cur, balloon_target } = await world.balloon(vmID);
      expect([balloon_cur, balloon_target]).toEqual(['1310720', '1310720']);
      await world.restart();
      expect(await world.balloon(vmID)).toMatchObject({ balloon_target: '1310720' });
    },
  );

  test('gets its target back also if its deflation was not observed', async () => {
    const { world, vmID, set } = await open({ words: 'ignores-unplug' });
    world.faults.setBalloon = async (id, target) => {
      await world.host.setBalloon(id, target);
      delete world.faults.setBalloon;
      throw new HypervisorError('timed-out', 'no answer');
    };
    await set({ memory: 1664, deflate: true });
    await world.seconds(200);
    await world.sampled();
    const { balloon_cur, balloon_target } = await world.balloon(vmID);
    expect([balloon_cur, balloon_target]).toEqual(['1310720', '1310720']);
  });

  test('deflate without a balloon has no effect', async () => {
    const { world, set, job } = await seed({
      vm: { devices: [{ type: 'balloon', device: 'memballoon', model: 'none' }] },
    });
    await set({ memory: 1400, deflate: true });
    await world.seconds(20);
    expect(await job()).toMatchObject({ state: 'done' });
  });
});
