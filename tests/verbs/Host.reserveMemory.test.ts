import { expect, test } from '@jest/globals';
import { mib } from '../policy/reservations/reserving.ts';
import { World } from '../support/world.ts';

const GIB = mib(1024);

test('returns what is reserved, once the host has it', async () => {
  const world = await World.open();
  expect(await world.call('Host.reserveMemory', { amount: GIB, for: 'vm9' })).toMatchObject({
    reservationID: expect.any(String),
    amount_kib: GIB,
    held_kib: GIB,
    state: 'held',
    for: 'vm9',
    freed_kib: 0,
  });
});

test('params may come by position, as text', async () => {
  const world = await World.open();
  const params = [String(GIB), '30', 'vm9', 'guaranteed', '60'];
  expect(await world.call('Host.reserveMemory', params)).toMatchObject({
    amount_kib: GIB,
    down_to: 'guaranteed',
    expires_at: expect.any(String),
  });
});

test.each([
  {},
  { amount: -1 },
  { amount: 1.5 },
  { amount: null },
  { amount: GIB, downTo: 'nothing' },
  { amount: GIB, for: '' },
  { amount: GIB, deadline: 100_000 },
])('%j is refused', async (params) => {
  const world = await World.open();
  await expect(world.call('Host.reserveMemory', params)).rejects.toMatchObject({ code: -32602 });
});

test('what is reserved counts, so that no more is promised than the host has', async () => {
  const world = await World.open();
  const most = { amount: 40 * GIB };
  await world.call('Host.reserveMemory', most);
  await expect(world.call('Host.reserveMemory', most)).rejects.toMatchObject({
    code: 1100,
    data: { missing_kib: expect.any(Number) },
  });
});
