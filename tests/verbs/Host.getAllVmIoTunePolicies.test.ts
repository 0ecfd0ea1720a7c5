import { expect, test } from '@jest/globals';
import { World } from '../support/world.ts';

test('answers an object, which MoM iterates over, and asks nobody for it', async () => {
  const world = await World.open();
  await world.boot();
  world.calls.length = 0;
  await expect(world.call('Host.getAllVmIoTunePolicies')).resolves.toEqual({});
  expect(world.calls).toEqual([]);
});
