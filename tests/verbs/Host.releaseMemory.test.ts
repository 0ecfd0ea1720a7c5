import { expect, test } from '@jest/globals';
import { mib, reservations, reserve } from '../policy/reservations/reserving.ts';
import { idOf, World } from '../support/world.ts';

test('ends a reservation, once', async () => {
  const world = await World.open();
  const { reservationID } = await reserve(world, 1024);
  expect(await world.call('Host.releaseMemory', { reservationID })).toEqual({
    code: 0,
    message: 'Done',
    released_kib: mib(1024),
  });
  expect(await reservations(world)).toEqual([]);
  await expect(world.call('Host.releaseMemory', { reservationID })).rejects.toMatchObject({
    code: 91,
    message: expect.stringContaining(reservationID),
  });
});

test('ends one in the making, whose request then fails', async () => {
  const world = await World.open({ hostMemory: mib(4096) });
  world.host.hostMemory = () => Promise.resolve({ total: mib(4096), free: mib(900) });
  const asked = world.call('Host.reserveMemory', { amount: mib(1024) });
  const refused = expect(asked).rejects.toMatchObject({ code: 1100 });
  await world.seconds(0);
  for (const { reservationID } of await reservations(world)) {
    await world.call('Host.releaseMemory', { reservationID });
  }
  await refused;
  expect(await reservations(world)).toEqual([]);
});

test.each([{}, { reservationID: 'vm1' }, { reservationID: null }])(
  '%j is refused',
  async (params) => {
    const world = await World.open();
    await expect(world.call('Host.releaseMemory', params)).rejects.toMatchObject({ code: -32602 });
  },
);

test('an unknown id is refused', async () => {
  const world = await World.open();
  const params = { reservationID: idOf(9) };
  await expect(world.call('Host.releaseMemory', params)).rejects.toMatchObject({ code: 91 });
});
