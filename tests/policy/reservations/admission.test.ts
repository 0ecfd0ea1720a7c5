import { expect, test } from '@jest/globals';
import { idOf } from '../../support/world.ts';
import {
  answered,
  crowded,
  headroom,
  mib,
  ofTwoGiB,
  reservations,
  reserve,
  targets,
} from './reserving.ts';

const WHOLE = [2048, 2048, 2048, 2048];
const OVERHEAD = mib(65);

const guaranteedTo = (n: number, memGuaranteedSize: number) => ({
  vmID: idOf(n),
  vmParams: { ...ofTwoGiB(n), memSize: 4096, memGuaranteedSize },
});

test('a new VM finds what is guaranteed to it, for which others give', async () => {
  const world = await crowded({ isAdmitting: true });
  const { free_now_kib } = await headroom(world);
  const guaranteed = Math.floor(free_now_kib / 1024) + 300;
  await answered(world, world.call('VM.create', guaranteedTo(9, guaranteed)));
  expect(targets(world).slice(0, 4)).not.toEqual(WHOLE);
  const held = (await reservations(world)).find(({ amount_kib }) => amount_kib > mib(guaranteed));
  expect(held).toMatchObject({ vmID: idOf(9), by: 'create' });
  await world.sampledFor(30);
  expect(await world.status(idOf(9))).toBe('Up');
});

test('what is guaranteed to a VM and reserved for it is promised once', async () => {
  const world = await crowded({ isAdmitting: true });
  const before = await headroom(world);
  await answered(world, world.call('VM.create', guaranteedTo(9, 1000)));
  const after = await headroom(world);
  expect(after.promised_kib - before.promised_kib).toBe(mib(1000) + OVERHEAD);
  expect(after.reserved_kib).toBe(before.reserved_kib);
});

test('a VM whose guarantee cannot be had is not created, and others get back what they gave', async () => {
  const world = await crowded({ isAdmitting: true });
  const { reservable_kib } = await headroom(world);
  const guaranteed = Math.floor(reservable_kib / 1024) + 300;
  await expect(
    answered(world, world.call('VM.create', guaranteedTo(9, guaranteed))),
  ).rejects.toMatchObject({
    name: 'OutOfMemory',
    code: 14,
    data: { unyielding: expect.anything() },
  });
  await world.sampledFor(30);
  await expect(world.call('VM.getStats', { vmID: idOf(9) })).rejects.toMatchObject({ code: 1 });
  expect(await world.host.listDomains()).toHaveLength(4);
  expect(targets(world)).toEqual(WHOLE);
});

test('the id and the name of a VM that waits for memory are taken', async () => {
  const world = await crowded({ isAdmitting: true });
  const { free_now_kib } = await headroom(world);
  const guaranteed = Math.floor(free_now_kib / 1024) + 300;
  const first = world.call('VM.create', guaranteedTo(9, guaranteed));
  await world.seconds(1);
  await expect(world.call('VM.create', guaranteedTo(9, 100))).rejects.toMatchObject({ code: 4 });
  await answered(world, first);
});

test('what a scheduler has reserved for a VM counts', async () => {
  const world = await crowded({ isAdmitting: true });
  await reserve(world, 1000 + 65, { for: idOf(9) });
  await answered(world, world.call('VM.create', guaranteedTo(9, 1000)));
  expect((await reservations(world)).filter(({ state }) => state === 'held')).toHaveLength(1);
});

test('a VM that is killed with vmemd before it is created leaves nothing reserved', async () => {
  const world = await crowded({ isAdmitting: true });
  const { free_now_kib } = await headroom(world);
  const created = world.call('VM.create', guaranteedTo(9, Math.floor(free_now_kib / 1024) + 300));
  created.catch(() => undefined);
  world.killAt({ call: 1, operation: 'createDomain', when: 'before' });
  for (let second = 0; second < 60 && !world.isDead; second++) await world.seconds(1);
  expect(world.isDead).toBe(true);
  await world.restart();
  await world.sampledFor(60);
  expect(await reservations(world)).toEqual([]);
  expect(targets(world)).toEqual(WHOLE);
});
