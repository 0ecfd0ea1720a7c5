import { expect, test } from '@jest/globals';
import { mib, reservations, reserve } from '../policy/reservations/reserving.ts';
import { World } from '../support/world.ts';

test('lists reservations, oldest first, with what they are for', async () => {
  const world = await World.open();
  expect(await reservations(world)).toEqual([]);
  await reserve(world, 1024, { for: 'vm8' });
  await reserve(world, 512, { for: 'vm9', hold: 60 });
  expect(await reservations(world)).toMatchObject([
    { amount_kib: mib(1024), for: 'vm8', state: 'held', by: 'client', taken: [] },
    { amount_kib: mib(512), for: 'vm9', expires_at: expect.any(String) },
  ]);
});

test('a vmemd that only reads lists what the owner has reserved', async () => {
  const world = await World.open();
  await reserve(world, 1024);
  await world.restart({ readOnly: true });
  expect(await reservations(world)).toMatchObject([{ amount_kib: mib(1024) }]);
});
