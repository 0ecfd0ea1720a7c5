import { type KiB, MiB, toKiB } from '../../../src/common/units.ts';
import { idOf, parameters, World } from '../../support/world.ts';
import type { WorldOptions } from '../../support/worldOptions.ts';

export const mib = (size: number): KiB => toKiB(MiB(size));

interface Setting extends WorldOptions {
  readonly count?: number;
  /** Words of `vmemd.sim=` by VM. */
  readonly words?: readonly string[];
}

/**
 * A host of 8 GiB with four VMs of 2 GiB, half of a GiB guaranteed to each. Programs use 800 MiB of each, page cache as
 * much again, so that about 1.5 GiB of the host are free, and as much can be freed.
 */
export async function crowded({ count = 4, words = [], ...options }: Setting = {}): Promise<World> {
  const world = await World.open({ hostMemory: mib(8192), ...options });
  for (let n = 1; n <= count; n++) {
    await world.call('VM.create', { vmID: idOf(n), vmParams: ofTwoGiB(n, words[n - 1]) });
  }
  await world.seconds(10);
  for (let n = 1; n <= count; n++) world.host.guest(idOf(n)).setWorkingSet(mib(800));
  // Until the guests have filled their page cache.
  await world.seconds(600);
  await world.sampledFor(30);
  return world;
}

export const ofTwoGiB = (n: number, words = '') =>
  parameters(n, { memSize: 2048, kernel: '/vmlinuz', kernelArgs: `vmemd.sim=${words}` });

/** What Host.getReservations says of a reservation, as far as tests read it. */
export interface Seen {
  readonly reservationID: string;
  readonly state: string;
  readonly amount_kib: number;
  readonly held_kib: number;
  readonly lacking_kib?: number;
  readonly taken: readonly { readonly vmID: string; readonly taken_kib: number }[];
}

/** Requests so many MiB, and lets time go by as the service does, until the request is answered. */
export async function reserve(world: World, size: number, more: object = {}): Promise<Seen> {
  return answered(world, world.call('Host.reserveMemory', { amount: mib(size), ...more }));
}

/** Lets time go by, with samples, until `work` is over. */
export async function answered<T>(world: World, work: Promise<unknown>): Promise<T> {
  const state = { isOver: false };
  const ended = work.finally(() => {
    state.isOver = true;
  });
  ended.catch(() => undefined);
  for (let second = 0; second < 300 && !state.isOver; second++) {
    await world.seconds(1);
    if (second % 5 === 4 && !world.isDead) await world.vms.sample();
  }
  return (await ended) as T;
}

export async function reservations(world: World): Promise<readonly Seen[]> {
  return (await world.call('Host.getReservations')) as readonly Seen[];
}

export const release = (world: World, { reservationID }: Seen): Promise<unknown> =>
  world.call('Host.releaseMemory', { reservationID });

/** What the balloon of each VM is asked to leave, in whole MiB, as the host knows it. */
export const targets = ({ host, vms }: World): readonly number[] =>
  vms.list().map(({ id }) => Math.round(host.guest(id).balloonTarget() / 1024));

/** What the host has available, in KiB. */
export async function available({ host }: World): Promise<number> {
  const { free, buffers = 0, cached = 0 } = await host.hostMemory();
  return free + buffers + cached;
}

export interface Headroom {
  readonly promisable_kib: number;
  readonly free_now_kib: number;
  readonly freeable_kib: number;
  readonly reservable_kib: number;
  readonly held_kib: number;
  readonly promised_kib: number;
  readonly reserved_kib: number;
  readonly promise_limit_kib: number;
}

export const headroom = async (world: World): Promise<Headroom> =>
  (await world.call('Host.getMemoryHeadroom')) as Headroom;
