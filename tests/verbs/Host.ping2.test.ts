import { expect, test } from '@jest/globals';
import { World } from '../support/world.ts';

test('answers true, also while the hypervisor is out of reach', async () => {
  const world = await World.open();
  world.host.disconnect();
  await expect(world.call('Host.ping2')).resolves.toBe(true);
});
