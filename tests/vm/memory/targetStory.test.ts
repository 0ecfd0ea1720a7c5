import { describe, expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';

import { open } from './movedVm.ts';

describe('a target', () => {
  test('is that of the start until one is set', async () => {
    const { balloon } = await open(512);
    const info = await balloon();
    expect(info).toMatchObject({
      target_by: 'start',
      target_since: '2026-01-01T00:00:00.000Z',
      moving: 'at-target',
    });
    expect(info).not.toHaveProperty('wished');
    expect(info).not.toHaveProperty('bound');
  });

  test('tells who set it, when, what was wished, and what limited it, also after a restart', async () => {
    const { world, target, balloon } = await open(512);
    await target(300_000);
    const story = {
      balloon_target: '524288',
      target_by: 'client',
      target_since: '2026-01-01T00:00:30.000Z',
      wished: '300000',
      bound: 'guarantee',
    };
    expect(await balloon()).toMatchObject({ ...story, moving: 'on-its-way' });
    await world.sampledFor(15);
    expect(await balloon()).toMatchObject({ ...story, moving: 'at-target' });
    await world.restart();
    await world.sampled();
    expect(await balloon()).toMatchObject({ ...story, moving: 'at-target' });
  });

  test.each([
    [undefined, 100_000, 'floor', '131072'],
    [512, 2_000_000, 'memory', '1048576'],
  ])(
    'of a VM with %p MiB guaranteed tells what limits %i',
    async (guaranteed, wish, bound, set) => {
      const { target, balloon } = await open(guaranteed);
      await target(wish);
      expect(await balloon()).toMatchObject({ wished: String(wish), bound, balloon_target: set });
    },
  );

  test('keeps its author when memory is plugged', async () => {
    const { world, vmID, target, balloon } = await open(512);
    await target(800_000);
    await world.sampledFor(10);
    await world.plug(vmID);
    await world.sampledFor(30);
    expect(await balloon()).toMatchObject({
      target_by: 'client',
      balloon_target: String(800_000 + 131_072),
      wished: '800000',
      moving: 'at-target',
    });
  });

  test('raised by a guarantee keeps its author and the wish', async () => {
    const { target, balloon, world, vmID } = await open(512);
    await target(600_000);
    await world.sampledFor(10);
    await world.call('VM.setGuaranteedMemory', { vmID, guaranteed: 900 });
    await world.sampledFor(10);
    expect(await balloon()).toMatchObject({
      target_by: 'client',
      balloon_target: '921600',
      wished: '600000',
      bound: 'guarantee',
      moving: 'at-target',
    });
  });

  test('that is requested again, and is reached, keeps its time; with another wish it is a new one', async () => {
    const { world, target, balloon } = await open(512);
    const at = async (wish: number) => {
      await target(wish);
      await world.sampledFor(10);
      return (await balloon())['target_since'];
    };
    const first = await at(300_000);
    expect(await at(300_000)).toBe(first);
    expect(await at(400_000)).not.toBe(first);
    expect(await balloon()).toMatchObject({ wished: '400000', balloon_target: '524288' });
  });

  test('that the hypervisor refuses leaves the story of the one before', async () => {
    const { world, target, balloon } = await open(512);
    await target(800_000);
    await world.sampledFor(10);
    world.faults.setBalloon = () => Promise.reject(new Error('QEMU says no'));
    await expect(target(700_000)).rejects.toBeDefined();
    expect(await balloon()).toMatchObject({
      target_by: 'client',
      wished: '800000',
      moving: 'at-target',
    });
  });

  test('that a guest does not reach is stuck', async () => {
    const { world, vmID, target, balloon } = await open(512);
    world.host.guest(vmID).setBehaviour({ driver: false });
    await target(800_000);
    await world.sampledFor(35);
    expect(await balloon()).toMatchObject({ moving: 'on-its-way' });
    await world.sampledFor(15);
    expect(await balloon()).toMatchObject({ moving: 'stuck' });
  });

  test('that a guest does not reach while its VM is paused is on its way, and for a while afterwards', async () => {
    const { world, vmID, target, balloon } = await open(512);
    await world.call('VM.pause', { vmID });
    await target(800_000);
    await world.sampledFor(90);
    expect(await balloon()).toMatchObject({ moving: 'on-its-way' });
    await world.call('VM.cont', { vmID });
    await world.sampledFor(10);
    expect(await balloon()).toMatchObject({ moving: 'at-target' });
  });

  test('is not taken for moved outside while a slow guest follows, whatever the target was before', async () => {
    const { world, vmID, target, balloon, told } = await open(128);
    world.host.guest(vmID).setBehaviour({ balloonRate: KiB(8192) });
    for (const wish of [400_000, 1_000_000, 300_000, 1_048_576, 700_000]) {
      await target(wish);
      for (let seconds = 0; seconds < 20; seconds += 5) {
        await world.sampledFor(5);
        expect((await balloon())['moving']).toMatch(/on-its-way|at-target/);
      }
    }
    expect(told()).toEqual([]);
  });

  test('is not taken for moved outside when the guest reboots or memory comes and goes', async () => {
    const { world, vmID, target, told } = await open(128);
    await target(600_000);
    await world.sampledFor(20);
    world.host.guest(vmID).rebootFromInside();
    await world.sampledFor(60);
    const alias = await world.plug(vmID, 256);
    await world.sampledFor(20);
    await world.unplug(vmID, alias);
    await world.sampledFor(20);
    expect(told()).toEqual([]);
    expect(await world.balloon(vmID)).toMatchObject({ target_by: 'client', moving: 'at-target' });
  });
});
