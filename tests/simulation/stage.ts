import { Milliseconds } from '../../src/common/units.ts';
import type { World } from '../support/world.ts';
import { openGuest, type GuestSetup } from '../support/memoryGuest.ts';
import { Boundary, type Crossing, type Strike } from './boundary.ts';

/** How long a step of the time is in which work is waited for. */
const STEP = Milliseconds(20);
/** Work that takes longer never ends. */
const LONGEST_STEPS = 20_000;
const MOST_STARTS = 20;
const MIB = 1024;
const TARGET = 900;
/** Rounds of 30 s in which vmemd recovers: longer than any deadline. */
const RECOVERY = 5;

/** A VM, and the boundary between its vmemd and its host. */
export interface Stage extends Awaited<ReturnType<typeof openGuest>> {
  readonly boundary: Boundary;
}

export interface StageSetup {
  readonly setup?: GuestSetup;
  readonly sizes?: readonly number[];
}

/** A VM of 1 GiB with a target of 900 MiB, or the one that is given, grown to these sizes. */
export async function openStage({ setup, sizes = [] }: StageSetup): Promise<Stage> {
  const at: { boundary?: Boundary } = {};
  const guest = await openGuest({ ...setup, ...through(at) });
  const { world, ask, set } = guest;
  for (const memory of sizes) {
    await Promise.all([set({ memory, wait: true }), world.sampled()]);
  }
  await ask('setBalloonTarget', { target: TARGET * MIB });
  await world.seconds(5);
  return { ...guest, boundary: boundaryOf(at) };
}

/** An option of a world that puts a boundary between vmemd and the host, and where that is found. */
export const through = (at: { boundary?: Boundary }) => ({
  between: (...[host, clock]: ConstructorParameters<typeof Boundary>) => {
    at.boundary = new Boundary(host, clock);
    return at.boundary.hypervisor;
  },
});

export const boundaryOf = ({ boundary }: { readonly boundary?: Boundary }): Boundary => {
  if (!boundary) throw new Error('the world has no host yet');
  return boundary;
};

/** From now on these faults happen at the boundary. */
export function begin(
  { world, boundary }: Pick<Stage, 'world' | 'boundary'>,
  delay: () => number,
  strikesAt: readonly Strike[],
): void {
  const kill = (): void => {
    if (!world.isDead) world.kill();
  };
  boundary.watch({ delay, kill }, strikesAt);
}

/** Lets time go by until the work has ended, or is abandoned; throws for work that does not end. */
export async function drive<T>(
  world: World,
  work: Promise<T>,
  isAbandoned = () => false,
): Promise<T | undefined> {
  let isOver = false as boolean;
  const watched = work.finally(() => {
    isOver = true;
  });
  watched.catch(() => undefined);
  for (let step = 0; step < LONGEST_STEPS; step += 1) {
    if (isOver) return watched;
    if (isAbandoned()) return undefined;
    await world.clock.advance(STEP);
  }
  throw new Error('vmemd waits for ever');
}

/** Starts vmemd again if it was killed, and gives it the time to recover from all faults. */
export async function recover(world: World): Promise<void> {
  if (world.isDead) await start(world);
  for (let round = 0; round < RECOVERY; round += 1) {
    await world.seconds(30);
    // Without a connection there is nothing to sample.
    await drive(
      world,
      world.vms.sample().catch(() => undefined),
    );
  }
}

/** Starts vmemd again, as often as its start fails or is interrupted. */
export async function start(world: World): Promise<void> {
  let attempt = world.restart();
  for (let failed = 0; ; failed += 1) {
    if (failed === MOST_STARTS) throw new Error('vmemd does not start');
    const isReady = await drive(world, attempt, () => world.isDead).then(
      () => !world.isDead,
      () => false,
    );
    if (isReady) return;
    await world.seconds(5);
    attempt = world.isDead ? world.restart() : world.vms.start();
  }
}

/** What has crossed the boundary, one a line. */
export const told = (crossings: readonly Crossing[]): string =>
  crossings
    .map(({ kind, what, at, fault }, number) => {
      const time = `${(at / 1000).toFixed(3)} s`.padStart(12);
      const mark = fault === undefined ? '' : `   ← ${fault}`;
      return `${String(number).padStart(5)}${time}  ${ARROWS[kind]}  ${what}${mark}`;
    })
    .join('\n');

const ARROWS: Readonly<Record<Crossing['kind'], string>> = {
  call: 'vmemd → …      ',
  arrival: '      … → host ',
  reply: 'vmemd ←   host ',
  event: 'vmemd ←   event',
};
