import { expect, test } from '@jest/globals';
import { Seconds } from '../../../src/common/units.ts';
import { idOf } from '../../support/world.ts';
import {
  available,
  crowded,
  headroom,
  mib,
  ofTwoGiB,
  release,
  reservations,
  reserve,
  targets,
} from './reserving.ts';

const WHOLE = [2048, 2048, 2048, 2048];

/** A world with a reservation for which all VMs gave. */
async function squeezed(more: object = {}) {
  const world = await crowded();
  const { free_now_kib, freeable_kib } = await headroom(world);
  const made = await reserve(world, Math.floor((free_now_kib + freeable_kib * 0.8) / 1024), more);
  return { world, made };
}

test('a reservation outlives a restart, and what it took is given back after it', async () => {
  const { world, made } = await squeezed();
  await world.restart();
  expect(await reservations(world)).toMatchObject([{ reservationID: made.reservationID }]);
  expect(world.reservations.held).toBe(made.amount_kib);
  await world.sampledFor(30);
  await release(world, made);
  await world.sampledFor(60);
  expect(targets(world)).toEqual(WHOLE);
});

test('one that is held for a time outlives a wall clock that is set as soon as it is made', async () => {
  const { world, made } = await squeezed({ hold: 3600 });
  const { clock } = world;
  const before = clock.wallTime.bind(clock);
  clock.wallTime = () => Seconds(before() + 365 * 86_400);
  await world.sampledFor(60);
  expect(await reservations(world)).toMatchObject([{ reservationID: made.reservationID }]);
  await world.sampledFor(3600);
  expect(await reservations(world)).toEqual([]);
});

test('one in the making ends with a restart, and balloons go back', async () => {
  const world = await crowded();
  const { reservable_kib } = await headroom(world);
  const asked = reserve(world, Math.floor(reservable_kib / 1024) - 50);
  asked.catch(() => undefined);
  await world.seconds(1);
  expect(await reservations(world)).toMatchObject([{ state: 'making' }]);
  await world.restart();
  await world.sampledFor(60);
  expect(await reservations(world)).toEqual([]);
  expect(targets(world)).toEqual(WHOLE);
});

test('one in the making ends with the service, which sets balloons back first', async () => {
  const world = await crowded();
  const { reservable_kib } = await headroom(world);
  const size = mib(Math.floor(reservable_kib / 1024) - 50);
  const asked = world.call('Host.reserveMemory', { amount: size });
  const refused = expect(asked).rejects.toMatchObject({ name: 'Recovering' });
  await world.seconds(1);
  await world.during(5, world.reservations.stop());
  await refused;
  expect(targets(world)).toEqual(WHOLE);
});

test('a target that a client sets meanwhile is left alone', async () => {
  const { world, made } = await squeezed();
  await world.call('VM.setBalloonTarget', { vmID: idOf(1), target: mib(1500) });
  await world.sampledFor(15);
  await release(world, made);
  await world.sampledFor(60);
  expect(targets(world)).toEqual([1500, 2048, 2048, 2048]);
});

test('what a guest got and uses is taken again from those that have it, so that the reservation lasts', async () => {
  const { world, made } = await squeezed();
  world.host.guest(idOf(1)).setWorkingSet(mib(1100));
  await world.call('VM.setBalloonTarget', { vmID: idOf(1), target: mib(2048) });
  await world.sampledFor(120);
  const reserve5Percent = mib(8192) * 0.05;
  expect(await available(world)).toBeGreaterThan(made.amount_kib + reserve5Percent - mib(32));
  const [held] = await reservations(world);
  expect(held).toMatchObject({ held_kib: made.amount_kib });
});

test('a reservation ends after its time', async () => {
  const { world } = await squeezed({ hold: 60 });
  await world.sampledFor(40);
  expect(await reservations(world)).toHaveLength(1);
  await world.sampledFor(120);
  expect(await reservations(world)).toEqual([]);
  expect(targets(world)).toEqual(WHOLE);
});

test('a reservation for a VM is used by it once it runs, and ends with it', async () => {
  const { world, made } = await squeezed({ for: idOf(9) });
  await world.call('VM.create', { vmID: idOf(9), vmParams: ofTwoGiB(9) });
  await world.sampledFor(30);
  const [held] = await reservations(world);
  expect(held).toMatchObject({ vmID: idOf(9), amount_kib: made.amount_kib });
  expect(held?.held_kib).toBeLessThan(made.amount_kib);
  await world.call('VM.destroy', { vmID: idOf(9) });
  await world.sampledFor(90);
  expect(await reservations(world)).toEqual([]);
  expect(targets(world)).toEqual(WHOLE);
});

test('nothing is written while nothing changes', async () => {
  const { world } = await squeezed();
  await world.sampledFor(30);
  let writes = 0;
  world.book.onWritten = () => {
    writes += 1;
  };
  await world.sampledFor(60);
  expect(writes).toBe(0);
});

test('what cannot be written is not reserved', async () => {
  const world = await crowded();
  world.book.onWrite = () => {
    throw new Error('no space left');
  };
  await expect(reserve(world, 100)).rejects.toThrow('no space left');
  expect(await reservations(world)).toEqual([]);
});
