import { describe, expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';
import { held } from '../../support/faults.ts';
import { onHost } from '../../support/onHost.ts';
import { idOf, World } from '../../support/world.ts';

import { open } from './movedVm.ts';

const raises = (world: World) => world.calls.filter((name) => name === 'setBalloon').length;

describe('a balloon that another program moves', () => {
  test('above the floor is told and left there, and that is its target', async () => {
    const { world, vmID, setmem, balloon, told } = await open(512);
    await setmem(700_000);
    await world.sampledFor(20);
    const story = { target_by: 'outside', balloon_target: '700000', moving: 'moved-outside' };
    expect(await balloon()).toMatchObject(story);
    expect(await balloon()).not.toHaveProperty('wished');
    expect(told()).toEqual([
      expect.objectContaining({ balloon_cur: '700000', balloon_min: '524288', below_min: false }),
    ]);
    expect(onHost(world, vmID).balloonTarget()).toBe(700_000);
    await world.restart();
    await world.sampled();
    expect(await balloon()).toMatchObject(story);
    await world.plug(vmID);
    await world.sampledFor(20);
    expect(await balloon()).toMatchObject({ balloon_target: String(700_000 + 131_072) });
  });

  test.each([
    ['the guarantee', 900, 921_600, 'guarantee'],
    ['the default floor', undefined, 131_072, 'floor'],
  ])('below %s is told at once and brought back', async (_, guaranteed, floor, bound) => {
    const { world, vmID, setmem, balloon, told } = await open(guaranteed);
    await setmem(floor - 60_000);
    await world.sampledFor(30);
    expect(await balloon()).toMatchObject({
      balloon_cur: String(floor),
      balloon_target: String(floor),
      target_by: 'outside',
      bound,
      moving: 'at-target',
    });
    expect(await balloon()).not.toHaveProperty('wished');
    expect(told()).toContainEqual(
      expect.objectContaining({ balloon_min: String(floor), below_min: true }),
    );
    expect(world.lines).toContainEqual(
      expect.objectContaining({
        level: 40,
        vmId: vmID,
        msg: expect.stringMatching(/below its min/),
      }),
    );
  });

  test('below the guarantee while the host keeps a read waiting is brought back by one call after it', async () => {
    const { world, vmID, setmem, balloon } = await open(900);
    world.host.guest(vmID).setBehaviour({ balloonRate: KiB(8192) });
    const read = held<undefined>();
    world.faults.domainXml = async (...args) => {
      await read.answer;
      return world.host.domainXml(...args);
    };
    await setmem(700_000);
    await world.sampledFor(40);
    const before = raises(world);
    read.release(undefined);
    await world.seconds(1);
    expect(raises(world) - before).toBe(1);
    delete world.faults.domainXml;
    await world.sampledFor(60);
    expect(await balloon()).toMatchObject({ balloon_cur: '921600', balloon_target: '921600' });
  });

  test('away from the target just after it was set gets the target again once it rests', async () => {
    const { world, vmID, target, setmem, balloon } = await open(128);
    world.host.guest(vmID).setBehaviour({ balloonRate: KiB(65_536) });
    await target(200_000);
    await world.sampledFor(60);
    await target(500_000);
    await world.seconds(2);
    await setmem(300_000);
    await world.sampledFor(90);
    expect(await balloon()).toMatchObject({
      balloon_cur: '500000',
      balloon_target: '500000',
      target_by: 'client',
      moving: 'at-target',
    });
  });

  test('below a guarantee that was raised just before is told and brought back', async () => {
    const { world, vmID, target, setmem, balloon, told } = await open(100);
    world.host.guest(vmID).setBehaviour({ balloonRate: KiB(65_536) });
    await target(180_000);
    await world.sampledFor(60);
    await world.call('VM.setGuaranteedMemory', { vmID, guaranteed: 450 });
    await setmem(250_000);
    await world.sampledFor(60);
    expect(await balloon()).toMatchObject({ balloon_cur: '460800', moving: 'at-target' });
    expect(told()).toContainEqual(expect.objectContaining({ below_min: true }));
  });

  test('below the floor while the guest boots is told before it comes to rest', async () => {
    const { world, vmID, target, setmem, told } = await open(100);
    await target(200_000);
    await world.sampledFor(20);
    await target(500_000);
    await world.call('VM.setGuaranteedMemory', { vmID, guaranteed: 300 });
    await world.sampledFor(20);
    await world.call('VM.reset', { vmID });
    world.host.guest(vmID).setBehaviour({ balloonRate: KiB(16_384) });
    await setmem(100_000);
    await world.sampledFor(60);
    expect(told()[0]).toMatchObject({ below_min: true });
    expect(Number(told()[0]?.['balloon_cur'])).toBeGreaterThan(200_000);
  });

  test('below the floor again and again is fought a few times only', async () => {
    const { world, setmem, told } = await open(900);
    world.calls.length = 0;
    for (let times = 0; times < 20; times += 1) {
      await setmem(600_000);
      await world.sampledFor(20);
    }
    expect(raises(world)).toBe(5);
    expect(told().length).toBeGreaterThan(5);
  });

  test('while vmemd is stopped is noticed when it is back', async () => {
    const { world, target, setmem, balloon } = await open(512);
    await target(800_000);
    await world.sampledFor(10);
    world.vms.stop();
    await setmem(600_000);
    await world.seconds(10);
    await world.restart();
    await world.sampledFor(20);
    expect(await balloon()).toMatchObject({ target_by: 'outside', balloon_target: '600000' });
  });

  test('is the client’s once its guarantee has raised the target', async () => {
    const { world, vmID, setmem, balloon } = await open(512);
    await setmem(700_000);
    await world.sampledFor(20);
    await world.call('VM.setGuaranteedMemory', { vmID, guaranteed: 900 });
    await world.sampledFor(20);
    expect(await balloon()).toMatchObject({
      balloon_target: '921600',
      target_by: 'client',
      bound: 'guarantee',
      moving: 'at-target',
    });
    expect(await balloon()).not.toHaveProperty('wished');
  });

  test('is a client’s again with its next target', async () => {
    const { world, target, setmem, balloon } = await open(512);
    await setmem(700_000);
    await world.sampledFor(20);
    await target(800_000);
    await world.sampledFor(10);
    expect(await balloon()).toMatchObject({ target_by: 'client', moving: 'at-target' });
  });
});

describe("another program's VM that nobody wants ballooned", () => {
  const foreign = (more = '') =>
    `<domain type='kvm'><name>theirs</name><uuid>${idOf(1)}</uuid>${more}<memory unit='MiB'>384</memory>
    <devices><memballoon model='virtio'><stats period='5'/></memballoon></devices></domain>`;

  test('has the target of its start, which nobody else set', async () => {
    const world = await World.open();
    await world.host.createDomain(foreign("<currentMemory unit='MiB'>300</currentMemory>"), {
      paused: false,
    });
    await world.sampledFor(30);
    expect(await world.balloon(idOf(1))).toMatchObject({
      target_by: 'start',
      balloon_cur: '307200',
      balloon_target: '307200',
      moving: 'at-target',
    });
  });

  test('has that target also if it starts under the eyes of vmemd, and fills its balloon by and by', async () => {
    const world = await World.open();
    await world.host.createDomain(foreign(), { paused: false });
    await world.seconds(2);
    for (const size of [380_000, 350_000, 307_200]) {
      await world.host.setBalloon(idOf(1), KiB(size));
      await world.sampledFor(9);
    }
    expect(await world.balloon(idOf(1))).toMatchObject({
      target_by: 'start',
      balloon_cur: '307200',
      balloon_target: '307200',
      moving: 'at-target',
    });
  });

  test('is told to be moved, and nothing is written or sent', async () => {
    const world = await World.open();
    await world.host.createDomain(foreign(), { paused: false });
    await world.restart();
    await world.sampledFor(10);
    await world.host.setBalloon(idOf(1), KiB(100_000));
    world.calls.length = 0;
    await world.sampledFor(30);
    expect(await world.balloon(idOf(1))).toMatchObject({
      target_by: 'outside',
      balloon_target: '100000',
      moving: 'moved-outside',
      ballooning_enabled: false,
    });
    expect(world.calls).not.toContain('setMetadata');
    expect(world.calls).not.toContain('setBalloon');
  });
});

describe("a copy of another VM's domain", () => {
  const copyOf = async (world: World, vmID: string) => {
    const xml = await world.host.domainXml(vmID);
    return xml
      .replace(/<name>[^<]*/, '<name>copy')
      .replace(/<uuid>[^<]*/, `<uuid>${idOf(2)}`)
      .replace(/<currentMemory.*?<\/currentMemory>/, '');
  };

  test.each([
    ['that vmemd created', false],
    ['of another program', true],
  ])('%s has neither its target nor its consent', async (_, isForeign) => {
    const world = await World.open();
    if (isForeign) {
      const theirs = `<domain type='kvm'><name>theirs</name><uuid>${idOf(1)}</uuid><memory unit='MiB'>1024</memory>
        <devices><memballoon model='virtio'><stats period='5'/></memballoon></devices></domain>`;
      await world.host.createDomain(theirs, { paused: false });
      await world.sampledFor(10);
    } else {
      await world.boot(1);
    }
    await world.call('VM.setBalloonTarget', { vmID: idOf(1), target: 700_000 });
    await world.sampledFor(20);
    await world.host.createDomain(await copyOf(world, idOf(1)), { paused: false });
    await world.restart();
    await world.sampledFor(30);
    const copy = await world.balloon(idOf(2));
    const isPromised = copy['guaranteed_kib'] !== undefined;
    expect(copy).toMatchObject({
      balloon_cur: '1048576',
      balloon_target: '1048576',
      target_by: 'start',
      ballooning_enabled: isPromised,
    });
    expect(onHost(world, idOf(2)).balloonTarget()).toBe(1_048_576);

    await world.call('VM.setBalloonTarget', { vmID: idOf(2), target: 800_000 });
    await world.restart();
    await world.sampledFor(20);
    expect(await world.balloon(idOf(2))).toMatchObject({
      balloon_target: '800000',
      target_by: 'client',
      ballooning_enabled: true,
    });
  });
});
