import { describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { type GuestSetup, openGuest } from '../../support/memoryGuest.ts';
import { idOf, parameters, World } from '../../support/world.ts';

/** Advances time by `seconds`, with the samples of a service. */
async function open(setup: GuestSetup = {}) {
  const opened = await openGuest(setup);
  const { world, devices } = opened;
  const pass = async (seconds: number) => {
    for (let left = seconds; left > 0; left -= 5) {
      await world.seconds(5);
      await world.vms.sample();
    }
  };
  const states = async () => (await devices()).map(({ state }) => state);
  return { ...opened, pass, states };
}

describe('a device that is plugged', () => {
  test("is online once it shows in the guest's total", async () => {
    const { plug, pass, outcome, told, states } = await open();
    await plug(256);
    expect(await states()).toEqual(['plugged']);
    await pass(15);
    expect(await outcome()).toMatchObject({
      state: 'online',
      message: expect.stringContaining('256'),
    });
    expect(told()).toEqual(['running requested', 'done online']);
    expect(await states()).toEqual(['guest-online']);
  });

  test('is not online if the guest does not use it, with advice', async () => {
    const { world, vmID, plug, pass, outcome, told, states, audit } = await open({
      words: 'no-online',
    });
    await plug(256);
    await pass(25);
    expect(told()).toEqual(['running requested']);
    await pass(20);
    expect(told()).toEqual(['running requested', 'failed not-online']);
    expect(await outcome()).toMatchObject({ message: expect.stringContaining('online_movable') });
    expect(await states()).toEqual(['not-online']);
    expect(audit().at(-1)).toMatchObject({ level: 40, state: 'not-online', flow_id: 'flow' });
    expect(world.news('memory', vmID).at(-1)).toMatchObject({
      job: { changes: [{ message: expect.stringContaining('online_movable') }] },
    });
  });

  test('that comes online late is reported as online', async () => {
    const { guest, plug, pass, told, states } = await open();
    guest.setBehaviour({ onlineTime: Milliseconds(80_000) });
    await plug(256);
    await pass(60);
    expect(told()).toEqual(['running requested', 'failed not-online']);
    await pass(60);
    expect(told()).toEqual(['running requested', 'failed not-online', 'done online']);
    expect(await states()).toEqual(['guest-online']);
  });

  test.each(['no-driver', 'no-stats'])('is unverified for a guest with %s', async (words) => {
    const { plug, pass, told, outcome, states } = await open({ words });
    await plug(256);
    expect(told()).toEqual(['running requested']);
    await pass(75);
    expect(told()).toEqual(['running requested', 'done unverified']);
    expect(await outcome()).toMatchObject({ message: expect.stringContaining('did not report') });
    expect(await states()).toEqual(['plugged']);
  });

  test('is unverified at once for a guest that has long run and never reported its memory', async () => {
    const { plug, pass, told } = await open({ words: 'no-driver' });
    await pass(120);
    await plug(256);
    expect(told()).toEqual(['running requested', 'done unverified']);
  });

  test('is online also if it was plugged while the guest was starting', async () => {
    const world = await World.open();
    const vmID = idOf(1);
    await world.call('VM.create', { vmID, vmParams: parameters() });
    await world.seconds(1);
    await world.plug(vmID, 256);
    expect(await world.call('VM.getMemoryJob', { vmID })).toMatchObject({ state: 'running' });
    await world.sampled();
    expect(await world.call('VM.getMemoryJob', { vmID })).toMatchObject({
      changes: [{ state: 'online' }],
    });
  });

  test('is unverified if the guest stops reporting', async () => {
    const { world, plug, told, outcome } = await open();
    await plug(256);
    await world.seconds(120);
    expect(told()).toEqual(['running requested', 'done unverified']);
    expect(await outcome()).toMatchObject({ message: expect.stringContaining('did not report') });
  });

  test('has as much time as configured', async () => {
    const hotplugTimeouts = { onlineTimeout: Milliseconds(100_000) };
    const { plug, pass, told } = await open({ words: 'no-online', hotplugTimeouts });
    await plug(256);
    await pass(95);
    expect(told()).toEqual(['running requested']);
    await pass(20);
    expect(told()).toEqual(['running requested', 'failed not-online']);
  });

  test('that is unplugged before it was seen is not waited for', async () => {
    const { world, plug, unplug, pass, job, told } = await open();
    await plug(256);
    await world.during(2, unplug());
    expect(told()).toContain('done unverified');
    await pass(60);
    expect((await job()).changes).toMatchObject([{ action: 'unplug', state: 'removed' }]);
  });

  test('beside others has an outcome of its own', async () => {
    const { guest, plug, pass, states } = await open();
    await plug(128);
    await plug(256);
    guest.setBehaviour({ onlines: false });
    await plug(512);
    await pass(60);
    expect(await states()).toEqual(['guest-online', 'guest-online', 'not-online']);
  });

  test('after one that is not online has an outcome of its own', async () => {
    const { guest, plug, pass, states } = await open({ words: 'no-online' });
    await plug(256);
    await pass(60);
    guest.setBehaviour({ onlines: true });
    await plug(256);
    await pass(15);
    expect(await states()).toEqual(['not-online', 'guest-online']);
  });

  test('in place of one that was not online has an outcome of its own', async () => {
    const { world, plug, unplug, pass, states, told } = await open({ words: 'no-online' });
    await plug(256);
    await pass(60);
    await world.during(5, unplug());
    world.told.length = 0;
    await plug(256);
    await pass(60);
    expect(told()).toEqual(['running requested', 'failed not-online']);
    expect(await states()).toEqual(['not-online']);
  });

  test('is not online by the growth of one that was plugged after its removal', async () => {
    const { world, guest, plug, unplug, pass, told } = await open({ words: 'no-online' });
    await plug(256);
    await pass(60);
    await plug(128);
    await world.during(5, unplug());
    guest.setBehaviour({ onlines: true });
    world.told.length = 0;
    await plug(512);
    await pass(15);
    expect(told()).toEqual(['running requested', 'done online']);
  });
});

describe('a balloon that moves meanwhile', () => {
  test.each([true, false])(
    'does not hide a device that comes online (autodeflate %s)',
    async (autodeflate) => {
      const { plug, pass, ask, states } = await open({ build: { autodeflate } });
      await plug(512);
      await ask('setBalloonTarget', { target: 1_536_000 });
      await pass(60);
      expect(await states()).toEqual(['guest-online']);
    },
  );

  test.each([true, false])(
    'never lets a device seem online that is not (autodeflate %s)',
    async (autodeflate) => {
      const { plug, pass, ask, outcome } = await open({
        words: 'no-online',
        build: { autodeflate },
      });
      await ask('setBalloonTarget', { target: 786_432 });
      await pass(15);
      await plug(128);
      await ask('setBalloonTarget', { target: 1_048_576 });
      await pass(60);
      expect(['not-online', 'unverified']).toContain((await outcome())?.['state']);
    },
  );

  test('can make the outcome unverified', async () => {
    const { plug, pass, ask, told, outcome } = await open({
      words: 'no-online',
      build: { autodeflate: false },
    });
    await ask('setBalloonTarget', { target: 786_432 });
    await pass(15);
    await plug(128);
    await ask('setBalloonTarget', { target: 1_048_576 });
    await pass(60);
    expect(told()).toEqual(['running requested', 'done unverified']);
    expect(await outcome()).toMatchObject({ message: expect.stringContaining('balloon moved') });
  });
});

test('an outcome that could not be written is reported, and written later', async () => {
  const { world, plug, pass, states, told } = await open();
  await plug(256);
  world.faults.setMetadata = () => Promise.reject(new HypervisorError('failed', 'disk full'));
  await pass(20);
  expect(told()).toEqual(['running requested', 'done online']);
  expect(world.lines).toContainEqual(
    expect.objectContaining({ level: 40, reason: expect.anything() }),
  );
  delete world.faults.setMetadata;
  await world.seconds(60);
  await world.restart();
  expect(await states()).toEqual(['guest-online']);
});

describe('after a restart', () => {
  test('a device that comes online is seen', async () => {
    const { world, plug, pass, states } = await open();
    await plug(256);
    await world.restart();
    await pass(20);
    expect(await states()).toEqual(['guest-online']);
  });

  test('a device that does not come online is reported as not online', async () => {
    const { world, plug, pass, states, told } = await open({ words: 'no-online' });
    await plug(256);
    await pass(20);
    await world.restart();
    await pass(30);
    expect(told()).toEqual(['running requested', 'failed not-online']);
    await world.restart();
    expect(await states()).toEqual(['not-online']);
  });

  test.each([
    ['before the restart', 2, 0],
    ['while vmemd was down', 0, 5],
  ])(
    "a device is not compared with the guest's total before another was released %s",
    async (_, before, after) => {
      const { world, plug, unplug, pass, outcome } = await open();
      await plug(512);
      await pass(20);
      unplug().catch(() => undefined);
      await world.seconds(before);
      world.kill();
      await world.seconds(after);
      await world.restart();
      await world.vms.sample();
      await plug(256);
      await pass(60);
      expect(await outcome()).not.toMatchObject({ state: 'not-online' });
    },
  );

  test('a device that was unplugged meanwhile is not waited for', async () => {
    const { world, vmID, plug, pass, outcome } = await open();
    await plug(256);
    world.kill();
    await world.during(5, world.host.detachDevice(vmID, 'dimm0'));
    await world.restart();
    await pass(90);
    expect(await outcome()).toMatchObject({ state: 'unverified' });
  });
});

test('memory that was released meanwhile does not hide a device that comes online', async () => {
  const { world, plug, unplug, pass, states } = await open({ devices: [512] });
  await plug(256);
  await world.during(5, unplug());
  await pass(30);
  expect(await states()).toEqual(['guest-online']);
});

test('the removal of an unrecorded device does not make another one online', async () => {
  const { world, guest, plug, unplug, pass, states } = await open({ words: 'no-stats,no-online' });
  await plug(256);
  await pass(60);
  guest.setBehaviour({ statistics: true });
  await pass(30);
  await plug(128);
  await world.during(5, unplug());
  await pass(60);
  expect(await states()).toEqual(['plugged']);
});

test('nor does the removal of one that another program plugged', async () => {
  const { world, vmID, plug, unplug, pass, states } = await open({ words: 'no-online' });
  await plug(128);
  await world.host.attachDevice(
    vmID,
    "<memory model='dimm'><target><size unit='MiB'>256</size><node>0</node></target></memory>",
  );
  await world.during(5, unplug('dimm1'));
  await pass(60);
  expect(await states()).toEqual(['plugged']);
});

test.each([
  ['is online', true, 'guest-online'],
  ['is not', false, 'not-online'],
])('virtio-mem that grows meanwhile does not hide a device that %s', async (_, onlines, state) => {
  const { guest, ask, plug, pass, states } = await open({ virtioMem: 1024 });
  guest.setBehaviour({ onlineTime: Milliseconds(onlines ? 10_000 : 1e9) });
  await plug(256);
  await ask('setMemory', { memory: 2048 });
  await pass(60);
  expect(await states()).toEqual(['guest-online', state]);
});

test('nor does virtio-mem that shrinks meanwhile', async () => {
  const { ask, plug, pass, states } = await open({ virtioMem: 1024 });
  await ask('setMemory', { memory: 2048 });
  await pass(30);
  await plug(256);
  await ask('setMemory', { memory: 1280 });
  await pass(60);
  expect(await states()).toEqual(['plugged', 'guest-online']);
});

test('a device that is plugged right after a removal is seen online', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const first = await world.plug(vmID);
  await world.sampled();
  await world.unplug(vmID, first);
  const second = await world.plug(vmID);
  await world.sampled();
  await world.sampled();
  expect(await world.call('VM.getMemoryJob', { vmID, alias: second })).toMatchObject({
    changes: [{ action: 'plug', state: 'online' }],
  });
});

test('a device that is plugged while virtio-mem grows is seen online', async () => {
  const { world, set, job } = await openGuest({ virtioMem: 512 });
  await world.sampled();
  await world.during(2, set({ memory: 2048 }));
  for (let n = 0; n < 4; n += 1) await world.sampled();
  expect((await job()).changes).toMatchObject([
    { action: 'resize', state: 'reached' },
    { action: 'plug', state: 'online' },
  ]);
});
