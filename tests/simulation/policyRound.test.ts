import { expect, test } from '@jest/globals';
import { onHost } from '../support/onHost.ts';
import { idOf, type World } from '../support/world.ts';
import { GIB, LoopWorld } from '../policy/loop/loopWorld.ts';
import type { Boundary } from './boundary.ts';
import { type Crossing, FAULTS, type Strike } from './crossing.ts';
import { begin, boundaryOf, start, through } from './stage.ts';
import { every, swept } from './sweep.ts';

const EVERY = every(2);
const GUESTS = 2;
const MIB = 1024;
const GUARANTEED = 1024 * MIB;

/** Samples and rounds for `n` seconds, with vmemd started again if it was killed. */
async function live(loop: LoopWorld, n: number): Promise<void> {
  const { world } = loop;
  for (let passed = 0; passed < n; passed += 5) {
    await world.seconds(5);
    if (!world.isDead) void world.vms.sample().catch(() => undefined);
  }
}

/** Plays rounds of the policy in which the host is short, with one fault or none, until they have come to rest. */
async function played(strike?: Strike) {
  const at: { boundary?: Boundary } = {};
  const loop = await LoopWorld.open(GUESTS, through(at));
  const { world } = loop;
  const boundary = boundaryOf(at);
  await loop.setPolicy({ mode: 'observe' });
  await loop.run(10);
  begin({ world, boundary }, strike ? [strike] : []);
  const acting = { isAccepted: false };
  loop.setPolicy({ mode: 'act' }).then(
    () => (acting.isAccepted = true),
    () => undefined,
  );
  loop.host.own = 11 * GIB;
  await live(loop, 15);
  const crossings = [...boundary.crossings];
  boundary.calm();
  if (world.isDead) {
    await start({ world, boundary });
    loop.start();
  }
  const complaints: string[] = [];
  const isOff = world.policy.settings.mode !== 'act';
  const isUnwritten = strike?.fault === 'the file cannot be written';
  if (acting.isAccepted && isOff) complaints.push('the mode act was accepted, and is lost');
  if (isOff || isUnwritten) await loop.setPolicy({ mode: 'act' });
  await live(loop, 150);
  complaints.push(...(await wrongVms(world)));
  const { available, total } = loop.host;
  if (available < 0.18 * total) complaints.push('the host is still short');
  if (!strike) complaints.push(...askedTwice(crossings));
  return { crossings, complaints };
}

async function wrongVms(world: World): Promise<string[]> {
  const complaints: string[] = [];
  for (let n = 1; n <= GUESTS; n += 1) {
    const vmID = idOf(n);
    const target = onHost(world, vmID).balloonTarget();
    const told = Number((await world.balloon(vmID))['balloon_target']);
    if (told !== target) complaints.push(`vm${n}: told ${told}, but the host has ${target}`);
    if (target < GUARANTEED) complaints.push(`vm${n}: ${target} is below the guarantee`);
    const vm = world.vms.get(vmID);
    if (vm.operations.openSteps.length > 0) complaints.push(`vm${n}: an operation does not end`);
  }
  return complaints;
}

const ROUND_MS = 5000;

/** Returns the rounds that send more targets than there are VMs. */
function askedTwice(crossings: readonly Crossing[]): readonly string[] {
  const rounds = crossings
    .filter(({ kind, what }) => kind === 'call' && what === 'setBalloon')
    .map(({ at }) => Math.floor(at / ROUND_MS));
  return [...new Set(rounds)]
    .filter((round) => rounds.filter((other) => other === round).length > GUESTS)
    .map((round) => `round ${String(round)} asks a VM twice`);
}

test.each(FAULTS)(
  'rounds of the policy end with true targets and a host that is not short if at any crossing %s',
  async (fault) => {
    const complaints = await swept({
      fault,
      play: played,
      isTried: (at) => fault === 'vmemd is killed' || (at + FAULTS.indexOf(fault)) % EVERY === 0,
    });
    expect(complaints).toEqual({});
  },
);
