import { expect, test } from '@jest/globals';
import { World } from '../support/world.ts';

test('answers the document that the service was given', async () => {
  const world = await World.open();
  await expect(world.call('rpc.discover')).resolves.toEqual({ openrpc: '1.3.2' });
});
