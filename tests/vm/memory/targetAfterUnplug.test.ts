import { expect, test } from '@jest/globals';
import { onHost } from '../../support/onHost.ts';
import { openGuest } from '../../support/memoryGuest.ts';

const MIB = 1024;

test('after an unplug the balloon leaves the guarantee, and clients read the target that the host has', async () => {
  const { world, vmID, ask, unplug } = await openGuest({ devices: [128] });
  await ask('setBalloonTarget', { target: 0 });
  await world.seconds(20);
  await world.during(10, unplug());
  await world.seconds(60);
  const target = Number((await world.balloon(vmID))['balloon_target']);
  expect([target, onHost(world, vmID).balloonTarget()]).toEqual([512 * MIB, 512 * MIB]);
});
