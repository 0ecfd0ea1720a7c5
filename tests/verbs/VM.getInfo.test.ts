import { expect, test } from '@jest/globals';
import { refusesBadIds } from '../support/vmVerb.ts';
import { World } from '../support/world.ts';

refusesBadIds('VM.getInfo');

test('returns the status, for an id in upper or lower case', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(world.call('VM.getInfo', { vmID: vmID.toUpperCase() })).resolves.toEqual({
    vmId: vmID,
    status: 'Up',
    statusTime: String(2 ** 31 - 1 + 30_000),
  });
});
