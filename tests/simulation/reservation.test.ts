import { expect, test } from '@jest/globals';
import {
  crowded,
  headroom,
  mib,
  type Seen as Reserved,
  reservations,
  reserve,
  targets,
} from '../policy/reservations/reserving.ts';
import { onHost } from '../support/onHost.ts';
import { idOf, type World } from '../support/world.ts';
import type { Boundary } from './boundary.ts';
import { FAULTS, type Strike } from './crossing.ts';
import { type Acting, begin, boundaryOf, start, through } from './stage.ts';
import { every, swept } from './sweep.ts';

const GUESTS = 2;
const WHOLE = Array.from({ length: GUESTS }, () => 2048);
const GUARANTEED = 512;

/** Lets `n` seconds go by, with samples as long as vmemd lives. */
async function live(world: World, n: number): Promise<void> {
  for (let passed = 0; passed < n; passed += 5) {
    await world.seconds(5);
    if (!world.isDead) void world.vms.sample().catch(() => undefined);
  }
}

/** A host that is short of memory for a reservation, which balloons can free. */
async function opened() {
  const at: { boundary?: Boundary } = {};
  const world = await crowded({ count: GUESTS, hostMemory: mib(4096), ...through(at) });
  const { free_now_kib, freeable_kib } = await headroom(world);
  const amount = Math.floor((free_now_kib + freeable_kib * 0.6) / 1024);
  return { world, boundary: boundaryOf(at), amount };
}

/** Returns what is wrong about balloons once they rest. */
async function wrongTargets(world: World): Promise<string[]> {
  const complaints: string[] = [];
  for (const [n, target] of targets(world).entries()) {
    const vmID = idOf(n + 1);
    const told = Number((await world.balloon(vmID))['balloon_target']);
    const isTold = told === onHost(world, vmID).balloonTarget();
    if (!isTold)
      complaints.push(`vm${String(n + 1)}: told ${String(told)} KiB, not ${String(target)} MiB`);
    if (target < GUARANTEED) complaints.push(`vm${String(n + 1)} has ${String(target)} MiB`);
    const { openSteps } = world.vms.get(vmID).operations;
    if (openSteps.length > 0) complaints.push(`vm${String(n + 1)}: an operation does not end`);
  }
  return complaints;
}

/** Returns what is wrong after everything is released and balloons have had time to go back. */
async function notGivenBack(world: World): Promise<string[]> {
  for (const { reservationID } of await reservations(world)) {
    await world.call('Host.releaseMemory', { reservationID });
  }
  await live(world, 120);
  const complaints = await wrongTargets(world);
  if (JSON.stringify(targets(world)) !== JSON.stringify(WHOLE)) {
    complaints.push(`after its end balloons leave ${targets(world).join(', ')} MiB`);
  }
  // One that was not made ends with the process that began it.
  const left = world.book.value.reservations.filter(({ madeAt }) => madeAt !== undefined);
  if (left.length > 0) complaints.push(`the book still has ${JSON.stringify(left)}`);
  const { toReturn } = world.book.value;
  if (Object.keys(toReturn).length > 0)
    complaints.push(`owed for ever: ${JSON.stringify(toReturn)}`);
  return complaints;
}

type Answer = { readonly made: Reserved } | 'failed' | 'none';

/** Ends the faults, starts vmemd again if it was killed, and returns the reservations then. */
async function recovered(acting: Acting): Promise<readonly Reserved[]> {
  const { world, boundary } = acting;
  boundary.calm();
  if (world.isDead) await start(acting);
  await live(world, 90);
  return reservations(world);
}

async function reserved(strike?: Strike) {
  const { world, boundary, amount } = await opened();
  const reply: { answer: Answer } = { answer: 'none' };
  begin({ world, boundary }, strike ? [strike] : []);
  world.call('Host.reserveMemory', { amount: mib(amount), deadline: 60 }).then(
    (made) => (reply.answer = { made: made as Reserved }),
    () => {
      if (!world.isDead) reply.answer = 'failed';
    },
  );
  await live(world, 15);
  const crossings = [...boundary.crossings];
  const held = await recovered({ world, boundary });
  const { answer } = reply;
  const complaints = await wrongTargets(world);
  const check = (isRight: boolean, what: string): void => {
    if (!isRight) complaints.push(what);
  };
  check(held.length <= 1 && held.every(({ state }) => state === 'held'), JSON.stringify(held));
  if (answer === 'failed') check(held.length === 0, 'failed, but it is held');
  else if (answer !== 'none') {
    const { reservationID } = answer.made;
    check(held[0]?.reservationID === reservationID, 'accepted, but it is not held');
  }
  check(strike !== undefined || held.length === 1, 'nothing is reserved');
  await start({ world, boundary });
  check(
    JSON.stringify((await reservations(world)).map((one) => one.reservationID)) ===
      JSON.stringify(held.map((one) => one.reservationID)),
    'another start changes what is held',
  );
  complaints.push(...(await notGivenBack(world)));
  return { crossings, complaints };
}

async function released(strike?: Strike) {
  const { world, boundary, amount } = await opened();
  const { reservationID } = await reserve(world, amount);
  const answer = { isAccepted: false };
  begin({ world, boundary }, strike ? [strike] : []);
  world.call('Host.releaseMemory', { reservationID }).then(
    () => (answer.isAccepted = true),
    () => undefined,
  );
  await live(world, 15);
  const crossings = [...boundary.crossings];
  const held = await recovered({ world, boundary });
  const complaints = await wrongTargets(world);
  if (answer.isAccepted && held.length > 0) complaints.push('released, but it is held');
  complaints.push(...(await notGivenBack(world)));
  return { crossings, complaints };
}

const EVERY = every(12);

const CASES = Object.entries({ reserved, released }).flatMap(([name, play]) =>
  FAULTS.map((fault) => ({ name, play, fault })),
);

test.each(CASES)(
  'memory is $name as a whole or not at all, and balloons get back what they gave, if at any crossing $fault',
  async ({ play, fault }) => {
    const isTried = (at: number, { kind }: { readonly kind: string }): boolean =>
      kind === 'write' || kind === 'written' || (at + FAULTS.indexOf(fault)) % EVERY === 0;
    expect(await swept({ fault, play, isTried })).toEqual({});
  },
);
