import { expect, test } from '@jest/globals';
import {
  available,
  crowded,
  headroom,
  mib,
  release,
  reservations,
  reserve,
  targets,
} from './reserving.ts';

const WHOLE = [2048, 2048, 2048, 2048];
/** What no reservation takes of a host of 8 GiB. */
const RESERVE = mib(8192) * 0.05;

test('what is free is reserved at once, and no VM is asked', async () => {
  const world = await crowded();
  const { free_now_kib } = await headroom(world);
  const made = await reserve(world, Math.floor(free_now_kib / 1024) - 1);
  expect(made).toMatchObject({ state: 'held', taken: [], freed_kib: 0 });
  expect(targets(world)).toEqual(WHOLE);
});

test('what is missing is freed by all that have it, none below what it uses', async () => {
  const world = await crowded();
  const before = await headroom(world);
  const size = Math.floor((before.free_now_kib + before.freeable_kib / 2) / 1024);
  const made = await reserve(world, size);
  expect(made).toMatchObject({ state: 'held', held_kib: mib(size) });
  expect(made.taken).toHaveLength(4);
  expect(await available(world)).toBeGreaterThanOrEqual(mib(size) + RESERVE);
  for (const target of targets(world)) {
    expect(target).toBeLessThan(2048);
    expect(target).toBeGreaterThan(900);
  }
});

test('what is released is given back', async () => {
  const world = await crowded();
  const { reservable_kib } = await headroom(world);
  const made = await reserve(world, Math.floor(reservable_kib / 1024) - 100);
  expect(targets(world)).not.toEqual(WHOLE);
  await release(world, made);
  await world.sampledFor(60);
  expect(targets(world)).toEqual(WHOLE);
  expect(await reservations(world)).toEqual([]);
});
