import { expect, test } from '@jest/globals';
import { World } from '../support/world.ts';

test('returns an object, over which MoM iterates, without a call to the hypervisor', async () => {
  const world = await World.open();
  await world.boot();
  world.calls.length = 0;
  await expect(world.call('Host.getAllVmIoTunePolicies')).resolves.toEqual({});
  expect(world.calls).toEqual([]);
});
