import { expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';
import { idOf } from '../../support/world.ts';
import { crowded, headroom, mib, reservations, reserve, targets } from './reserving.ts';

const WHOLE = [2048, 2048, 2048, 2048];

/** MiB that can be reserved if all balloons follow. */
const most = async (world: Awaited<ReturnType<typeof crowded>>): Promise<number> =>
  Math.floor((await headroom(world)).reservable_kib / 1024) - 20;

test('a guest whose balloon stands still is named, and what others freed is given back', async () => {
  const world = await crowded();
  const size = await most(world);
  for (const n of [2, 3]) world.host.guest(idOf(n)).setBehaviour({ balloonRate: KiB(0) });
  await expect(reserve(world, size)).rejects.toMatchObject({
    name: 'NotEnoughResources',
    code: 1100,
    message: expect.stringContaining('vm2 has a balloon that does not move'),
    data: {
      freed_kib: expect.any(Number),
      missing_kib: expect.any(Number),
      unyielding: expect.arrayContaining([
        expect.objectContaining({ vmID: idOf(2), vmName: 'vm2', reason: 'stuck' }),
      ]),
    },
  });
  await world.sampledFor(60);
  expect(targets(world)).toEqual(WHOLE);
  expect(await reservations(world)).toEqual([]);
});

test('others give what a balloon that stands still does not', async () => {
  const world = await crowded();
  const { free_now_kib, freeable_kib } = await headroom(world);
  world.host.guest(idOf(2)).setBehaviour({ balloonRate: KiB(0) });
  const made = await reserve(world, Math.floor((free_now_kib + freeable_kib * 0.6) / 1024));
  expect(made.state).toBe('held');
  // As it is not needed any more, it is not asked any more either.
  expect(targets(world)[1]).toBe(2048);
});

test('a balloon that is too slow for the deadline is named as slow', async () => {
  const world = await crowded();
  // What guests use is less exact while balloons move.
  const size = (await most(world)) - 400;
  for (let n = 1; n <= 4; n++) {
    world.host.guest(idOf(n)).setBehaviour({ balloonRate: KiB(4 * 1024) });
  }
  await expect(reserve(world, size, { deadline: 30 })).rejects.toMatchObject({
    message: expect.stringMatching(/after the deadline.*vm1 has a balloon that is too slow/),
  });
});

test('slow balloons are waited for if the deadline allows', async () => {
  const world = await crowded();
  const size = await most(world);
  for (let n = 1; n <= 4; n++) {
    world.host.guest(idOf(n)).setBehaviour({ balloonRate: KiB(8 * 1024) });
  }
  expect(await reserve(world, size, { deadline: 250 })).toMatchObject({ state: 'held' });
});

test('a guest that comes to use what it was asked for is asked for less', async () => {
  const world = await crowded();
  const { free_now_kib, freeable_kib } = await headroom(world);
  for (let n = 1; n <= 4; n++) {
    world.host.guest(idOf(n)).setBehaviour({ balloonRate: KiB(16 * 1024) });
  }
  const size = Math.floor((free_now_kib + freeable_kib * 0.6) / 1024);
  const asked = reserve(world, size, { deadline: 200 });
  await world.sampledFor(10);
  const [before = 0] = targets(world);
  world.host.guest(idOf(1)).setWorkingSet(mib(1300));
  await world.sampledFor(25);
  expect(targets(world)[0]).toBeGreaterThan(before);
  await asked;
});

test('more than guests can spare fails at once, and no VM is asked', async () => {
  const world = await crowded();
  const { reservable_kib } = await headroom(world);
  world.host.guest(idOf(1)).setBehaviour({ statistics: false });
  await world.sampledFor(120);
  await expect(reserve(world, Math.floor(reservable_kib / 1024) + 200)).rejects.toMatchObject({
    message: expect.stringContaining('vm1 does not report its memory'),
    data: { freed_kib: 0 },
  });
  expect(targets(world)).toEqual(WHOLE);
});

test('guests give what they use only if that is asked for explicitly, down to their guarantees', async () => {
  const world = await crowded();
  const { reservable_kib } = await headroom(world);
  const size = Math.floor(reservable_kib / 1024) + 400;
  await expect(reserve(world, size)).rejects.toMatchObject({ name: 'NotEnoughResources' });
  await world.sampledFor(30);
  const made = await reserve(world, size, { downTo: 'guaranteed' });
  expect(made).toMatchObject({ state: 'held', down_to: 'guaranteed' });
  for (const target of targets(world)) expect(target).toBeGreaterThanOrEqual(512);
});

test('more than the host can promise beside guarantees is refused before anything is done', async () => {
  const world = await crowded();
  const { promisable_kib, promise_limit_kib } = await headroom(world);
  expect(promisable_kib).toBeLessThan(promise_limit_kib);
  await expect(reserve(world, Math.floor(promisable_kib / 1024) + 1)).rejects.toMatchObject({
    message: expect.stringContaining('cannot be promised'),
    data: { freed_kib: 0, unyielding: [] },
  });
  expect(targets(world)).toEqual(WHOLE);
});

test('a guest whose QEMU hangs holds up nobody else', async () => {
  const world = await crowded();
  const { free_now_kib, freeable_kib } = await headroom(world);
  world.host.guest(idOf(3)).hang();
  const made = await reserve(world, Math.floor((free_now_kib + freeable_kib / 2) / 1024));
  expect(made.state).toBe('held');
});

test('two requests at once share what there is, and hold no more than the host has', async () => {
  const world = await crowded();
  const { reservable_kib } = await headroom(world);
  const size = Math.floor((reservable_kib * 0.7) / 1024);
  const ends = await Promise.allSettled([reserve(world, size), reserve(world, size)]);
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect((await headroom(world)).held_kib).toBe(mib(size));
});
