import { expect, test } from '@jest/globals';
import { crowded, headroom, mib, ofTwoGiB, reserve } from '../policy/reservations/reserving.ts';
import { idOf, World } from '../support/world.ts';

test('what can be promised is what guarantees, reservations, the host and its reserve leave', async () => {
  const world = await crowded();
  const all = (await world.call('Host.getMemoryHeadroom')) as Record<string, number>;
  const { capacity_kib = 0, own_kib = 0, reserve_kib = 0, promise_limit_kib = 0 } = all;
  expect(promise_limit_kib).toBe(capacity_kib - own_kib - reserve_kib);
  expect(all).toMatchObject({
    promised_kib: 4 * mib(512 + 65),
    promisable_kib: promise_limit_kib - 4 * mib(512 + 65),
  });
});

test('what it says can be reserved can be reserved, and not much more', async () => {
  const world = await crowded();
  const size = Math.floor((await headroom(world)).reservable_kib / 1024);
  await expect(reserve(world, size + 200)).rejects.toMatchObject({ code: 1100 });
  await world.sampledFor(60);
  expect(await reserve(world, size - 20)).toMatchObject({ state: 'held' });
});

test('what is reserved can be neither promised nor reserved again', async () => {
  const world = await crowded();
  const before = await headroom(world);
  await reserve(world, 500);
  const after = await headroom(world);
  expect(before.promisable_kib - after.promisable_kib).toBe(mib(500));
  expect(before.free_now_kib - after.free_now_kib).toBe(mib(500));
  expect(after).toMatchObject({ reserved_kib: mib(500), held_kib: mib(500) });
});

test('a guest that does not report counts as using all it has', async () => {
  const world = await crowded();
  world.host.guest(idOf(1)).setBehaviour({ statistics: false });
  await world.sampledFor(120);
  const { vms } = (await world.call('Host.getMemoryHeadroom')) as {
    vms: { freeable_kib: number; freeable_to_guarantee_kib: number }[];
  };
  expect(vms[0]).toMatchObject({
    freeable_kib: 0,
    not_freeable_because: 'does not report its memory',
  });
  expect(vms[0]?.freeable_to_guarantee_kib).toBeGreaterThan(0);
  expect(vms[1]?.freeable_kib).toBeGreaterThan(0);
});

test('to a VM whose balloon cannot be used all of its memory is promised', async () => {
  const world = await World.open();
  const device = { type: 'balloon', device: 'memballoon', model: 'none' };
  await world.call('VM.create', { vmID: idOf(1), vmParams: { ...ofTwoGiB(1), devices: [device] } });
  await world.sampled();
  expect(await headroom(world)).toMatchObject({ promised_kib: mib(2048 + 65) });
});

test('a host that has promised too much says by how much', async () => {
  const world = await crowded();
  for (let n = 1; n <= 4; n++) {
    await world.call('VM.setGuaranteedMemory', { vmID: idOf(n), guaranteed: 2000 });
  }
  expect(await headroom(world)).toMatchObject({
    promisable_kib: 0,
    reservable_kib: 0,
    overpromised_kib: expect.any(Number),
  });
});
