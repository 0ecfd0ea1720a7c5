import { expect, test } from '@jest/globals';
import { never } from '../../support/faults.ts';
import { openGuest } from '../../support/memoryGuest.ts';
import { onHost } from '../../support/onHost.ts';

/** A VM with one device, and what is asked of it while the next run's configuration does not answer. */
async function opened() {
  const guest = await openGuest({ devices: [256] });
  const { world, vmID, plug, unplug } = guest;
  world.faults.nextRunXml = never;
  const memory = { size: 128, node: 0, alias: 'ua-new' };
  const { nextRun } = onHost(world, vmID);
  return {
    ...guest,
    plugNamed: (memGuaranteedSize: number) =>
      world.during(1, plug(128, { memory, memGuaranteedSize })),
    unplugFirst: (memGuaranteedSize: number) =>
      world.during(1, unplug('dimm0', { memGuaranteedSize })),
    aliases: async () => (await guest.devices()).map(({ alias }) => alias),
    nextGuarantee: async () => (await nextRun()).guaranteed,
    restart: async () => {
      delete world.faults.nextRunXml;
      await world.restart();
      await world.seconds(1);
    },
  };
}

test('a plug is answered once clients see the device and its guarantee, before the next run has it', async () => {
  const { plugNamed, aliases, guaranteed, nextGuarantee } = await opened();
  expect(await plugNamed(600)).toEqual({ alias: 'ua-new' });
  expect(await aliases()).toEqual(['dimm0', 'ua-new']);
  expect(await guaranteed()).toBe(600);
  expect(await nextGuarantee()).toBe(512);
});

test('an unplug is answered once clients see that the device is gone, before the next run has its guarantee', async () => {
  const { unplugFirst, aliases, guaranteed, nextGuarantee } = await opened();
  expect(await unplugFirst(300)).toBe(true);
  expect(await aliases()).toEqual([]);
  expect(await guaranteed()).toBe(300);
  expect(await nextGuarantee()).toBe(512);
});

test.each(['plugNamed', 'unplugFirst'] as const)(
  '%s: the guarantee of an answered request is set after vmemd was killed before it was written',
  async (request) => {
    const guest = await opened();
    await guest[request](600);
    await guest.restart();
    expect(await guest.guaranteed()).toBe(600);
    expect(await guest.nextGuarantee()).toBe(600);
    const { changes } = await guest.job();
    expect(changes).toMatchObject([{ state: expect.not.stringMatching('failed') }]);
  },
);

test('a plug whose guarantee raises the balloon is answered once the balloon was asked', async () => {
  const { world, vmID, ask, plugNamed, guaranteed } = await opened();
  await ask('setBalloonTarget', { target: 600 * 1024 });
  await world.seconds(10);
  await plugNamed(1000);
  expect(await guaranteed()).toBe(1000);
  expect(onHost(world, vmID).balloonTarget()).toBe(1000 * 1024);
});
