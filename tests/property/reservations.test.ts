import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  crowded,
  headroom,
  mib,
  reservations,
  type Seen,
  targets,
} from '../policy/reservations/reserving.ts';
import { assertProperty } from '../support/property.ts';
import { idOf, type World } from '../support/world.ts';

const WHOLE = 2048;
const GUARANTEED = 512;

/** One thing that happens; parts are shares of what can be reserved. */
type Step =
  | { readonly kind: 'reserve'; readonly part: number; readonly hold: number | undefined }
  | { readonly kind: 'release'; readonly which: number }
  | { readonly kind: 'use'; readonly vm: number; readonly size: number }
  | { readonly kind: 'client'; readonly vm: number; readonly target: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'kill-at-write'; readonly write: number; readonly isDone: boolean }
  | { readonly kind: 'kill-at-call'; readonly call: number; readonly when: 'sent' | 'done' }
  | { readonly kind: 'wait'; readonly seconds: number };

const vm = fc.integer({ min: 1, max: 4 });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('reserve' as const),
        part: fc.double({ min: 0.1, max: 1.2, noNaN: true }),
        hold: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('release' as const), which: fc.nat(5) }),
    },
    fc.record({ kind: fc.constant('use' as const), vm, size: fc.integer({ min: 200, max: 1400 }) }),
    fc.record({
      kind: fc.constant('client' as const),
      vm,
      target: fc.integer({ min: 1000, max: 2000 }),
    }),
    fc.constant({ kind: 'restart' as const }),
    fc.record({
      kind: fc.constant('kill-at-write' as const),
      write: fc.integer({ min: 1, max: 4 }),
      isDone: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('kill-at-call' as const),
      call: fc.integer({ min: 1, max: 20 }),
      when: fc.constantFrom('sent' as const, 'done' as const),
    }),
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        seconds: fc.integer({ min: 1, max: 30 }),
      }),
    },
  ),
  { minLength: 3, maxLength: 14 },
);

/** What clients know: the reservations in the answers that they got, and the VMs that they have set targets of. */
class Clients {
  readonly held = new Map<string, number>();
  readonly touched = new Set<number>();
}

async function take(world: World, step: Step, clients: Clients): Promise<void> {
  switch (step.kind) {
    case 'reserve': {
      const { reservable_kib } = await headroom(world);
      const amount = Math.max(1024, Math.floor(reservable_kib * step.part));
      const hold = step.hold === undefined ? {} : { hold: step.hold };
      const asked = world.call('Host.reserveMemory', { amount, deadline: 40, ...hold });
      asked.then(
        (made) => {
          if (step.hold === undefined) clients.held.set((made as Seen).reservationID, amount);
        },
        () => undefined,
      );
      return world.seconds(1);
    }
    case 'release': {
      const known = [...clients.held.keys()];
      const id = known[step.which % Math.max(1, known.length)];
      if (id === undefined) return;
      clients.held.delete(id);
      const released = world.call('Host.releaseMemory', { reservationID: id });
      // One that vmemd was killed at may still be held, and is released again, as a client does.
      released.catch(() => clients.held.set(id, 0));
      return world.seconds(1);
    }
    case 'use':
      world.host.guest(idOf(step.vm)).setWorkingSet(mib(step.size));
      return;
    case 'client': {
      clients.touched.add(step.vm);
      const params = { vmID: idOf(step.vm), target: mib(step.target) };
      world.call('VM.setBalloonTarget', params).catch(() => undefined);
      return world.seconds(1);
    }
    case 'restart':
      return world.restart();
    case 'kill-at-write': {
      let left = step.write;
      const kill = (): void => {
        left -= 1;
        if (left === 0 && !world.isDead) world.kill();
      };
      if (step.isDone) world.book.onWritten = kill;
      else world.book.onWrite = kill;
      return;
    }
    case 'kill-at-call':
      world.killAt({ call: step.call, when: step.when });
      return;
    case 'wait':
      return passes(world, step.seconds);
  }
}

async function passes(world: World, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    // Not waited for, as it never ends if vmemd is killed at it.
    if (second % 5 === 4 && !world.isDead) world.vms.sample().catch(() => undefined);
    await world.seconds(1);
  }
}

async function revived(world: World): Promise<void> {
  if (!world.isDead) return;
  world.book.onWrite = world.book.onWritten = () => undefined;
  await world.restart();
  await passes(world, 30);
}

/** Does something in whose midst vmemd may be killed. */
async function survived(world: World, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => {
    if (!world.isDead) throw error;
  });
  await revived(world);
}

async function check(world: World): Promise<void> {
  for (const target of targets(world)) expect(target).toBeGreaterThanOrEqual(GUARANTEED);
  const { promised_kib, reserved_kib, promise_limit_kib } = await headroom(world);
  // What the host itself uses is measured, and guests move meanwhile.
  expect(promised_kib + reserved_kib).toBeLessThanOrEqual(promise_limit_kib + mib(400));
}

test('whatever happens meanwhile, what is held is known, floors hold, and all is given back at the end', async () => {
  await assertProperty(
    fc.asyncProperty(steps, async (story) => {
      const world = await crowded();
      const clients = new Clients();
      for (const step of story) {
        await survived(world, () => take(world, step, clients));
        await survived(world, () => check(world));
      }
      // Every request ends within its deadline.
      await passes(world, 50);
      await revived(world);
      const left = await reservations(world);
      expect(left.filter(({ state }) => state === 'making')).toEqual([]);
      expect(new Set(left.map(({ reservationID }) => reservationID)).size).toBe(left.length);
      for (const id of [...clients.held].filter(([, size]) => size > 0).map(([one]) => one)) {
        expect(left.map(({ reservationID }) => reservationID)).toContain(id);
      }
      world.book.onWrite = world.book.onWritten = () => undefined;
      for (const { reservationID } of left) {
        await survived(world, async () => {
          const released = world.call('Host.releaseMemory', { reservationID });
          // One that has ended by itself meanwhile is not there any more.
          await world.during(
            5,
            released.catch(() => undefined),
          );
        });
      }
      for (let n = 1; n <= 4; n++) world.host.guest(idOf(n)).setWorkingSet(mib(400));
      await passes(world, 200);
      await revived(world);
      await passes(world, 120);
      expect(await reservations(world)).toEqual([]);
      const untouched = targets(world).filter((_, index) => !clients.touched.has(index + 1));
      expect(untouched).toEqual(untouched.map(() => WHOLE));
    }),
    { seconds: 6, runs: 25 },
  );
});
