import { expect, test } from '@jest/globals';
import { World } from '../support/world.ts';

test("returns the service's OpenRPC document", async () => {
  const world = await World.open();
  await expect(world.call('rpc.discover')).resolves.toEqual({ openrpc: '1.3.2' });
});
