import { expect, test } from '@jest/globals';
import { World } from '../support/world.ts';

test('returns true', async () => {
  const world = await World.open();
  await expect(world.call('Host.ping')).resolves.toBe(true);
});
