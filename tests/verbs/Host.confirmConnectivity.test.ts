import { expect, test } from '@jest/globals';
import { World } from '../support/world.ts';

test('returns true, with any parameters', async () => {
  const world = await World.open();
  await expect(world.call('Host.confirmConnectivity')).resolves.toBe(true);
  await expect(world.call('Host.confirmConnectivity', { loud: true })).resolves.toBe(true);
});
