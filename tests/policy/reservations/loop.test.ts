import { expect, test } from '@jest/globals';
import type { World } from '../../support/world.ts';
import { available, crowded, headroom, mib, release, reserve, targets } from './reserving.ts';

/** A crowded host whose policy acts on its own figures. */
async function acting(): Promise<World> {
  const place: { world?: World } = {};
  const host = {
    read: () => (place.world ?? never()).simulatedPressure().read(),
    watchStall: () => () => undefined,
  };
  const world = await crowded({ policy: { host } });
  place.world = world;
  world.policy.start();
  await world.policy.setPolicy({ mode: 'act', parameters: { goal: 0.1 } });
  return world;
}

const never = (): never => {
  throw new Error('no round is held before the world is open');
};

test('the policy leaves alone what is moved for a reservation, and grows nobody into it', async () => {
  const world = await acting();
  const { free_now_kib, freeable_kib } = await headroom(world);
  const moves: string[] = [];
  world.policy.listen(({ asked }) => {
    for (const [id] of asked) if (world.reservations.isAsked(id)) moves.push(id);
  });
  const size = Math.floor((free_now_kib + freeable_kib / 2) / 1024);
  const made = await reserve(world, size);
  expect(made.state).toBe('held');
  expect(moves).toEqual([]);
  await world.sampledFor(300);
  expect(await available(world)).toBeGreaterThanOrEqual(mib(size) + mib(8192) * 0.05 - mib(16));
});

test('the policy gives back what is released', async () => {
  const world = await acting();
  const { free_now_kib, freeable_kib } = await headroom(world);
  const made = await reserve(world, Math.floor((free_now_kib + freeable_kib / 2) / 1024));
  await world.sampledFor(60);
  const before = targets(world);
  await release(world, made);
  await world.sampledFor(900);
  for (const [index, target] of targets(world).entries()) {
    expect(target).toBeGreaterThan(before[index] ?? Infinity);
  }
});

test('while the policy only observes, reservations move balloons themselves', async () => {
  const world = await acting();
  await world.policy.setPolicy({ mode: 'observe' });
  const { free_now_kib, freeable_kib } = await headroom(world);
  const made = await reserve(world, Math.floor((free_now_kib + freeable_kib / 2) / 1024));
  await release(world, made);
  await world.sampledFor(60);
  expect(targets(world)).toEqual([2048, 2048, 2048, 2048]);
});
