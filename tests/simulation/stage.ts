import { Milliseconds } from '../../src/common/units.ts';
import type { World } from '../support/world.ts';
import { openGuest, type GuestSetup } from '../support/memoryGuest.ts';
import { Boundary } from './boundary.ts';
import type { Strike } from './crossing.ts';

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

/** The part of a stage that faults act on. */
export type Acting = Pick<Stage, 'world' | 'boundary'>;

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
    return at.boundary;
  },
});

export const boundaryOf = ({ boundary }: { readonly boundary?: Boundary }): Boundary => {
  if (!boundary) throw new Error('the world has no host yet');
  return boundary;
};

interface Play {
  /** A millisecond for each crossing unless given. */
  readonly delay?: () => number;
  readonly isComparing?: boolean;
}

/** From now on these faults happen at the boundary. */
export function begin(
  { world, boundary }: Acting,
  strikesAt: readonly Strike[],
  { delay = () => 1, isComparing = true }: Play = {},
): void {
  const kill = (): void => {
    if (!world.isDead) world.kill();
  };
  boundary.watchFile('reservations', world.book);
  boundary.watchFile('policy', world.settings);
  boundary.watch({ delay, kill, isComparing }, strikesAt);
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
export async function recover({ world, boundary }: Acting): Promise<void> {
  if (world.isDead) await start({ world, boundary });
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
export async function start({ world, boundary }: Acting): Promise<void> {
  boundary.allowListing();
  let attempt = world.restart();
  for (let failed = 0; ; failed += 1) {
    if (failed === MOST_STARTS) throw new Error('vmemd does not start');
    const isReady = await drive(world, attempt, () => world.isDead).then(
      () => !world.isDead,
      () => false,
    );
    if (isReady) return;
    await world.seconds(5);
    boundary.allowListing();
    attempt = world.isDead ? world.restart() : again(world);
  }
}

/** Starts vmemd again, and lets it take the first sample of its VMs. */
export async function startFully(acting: Acting): Promise<void> {
  const { world } = acting;
  await start(acting);
  await world.seconds(1);
  await drive(world, world.vms.sample());
}

async function again({ vms, reservations }: World): Promise<void> {
  await vms.start();
  await reservations.start();
}
