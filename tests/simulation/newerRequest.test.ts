import { expect, test } from '@jest/globals';
import type { Strike } from './crossing.ts';
import { differences, type Seen, seen, unsound } from './judgement.ts';
import { begin, drive, openStage, recover, type Stage, startFully } from './stage.ts';
import { every, swept } from './sweep.ts';

const MIB = 1024;
/** How long after the newer request calls of the older one are still performed. */
const REST_S = 30;
const EVERY = every(3);

/** What requests change, in MiB and seconds; `next…` in the configuration of the next run. */
interface Settings {
  readonly guaranteed: number | undefined;
  readonly target: number;
  readonly period: number | undefined;
  readonly nextGuaranteed: number | undefined;
  readonly nextMemory: number;
}

interface Request {
  readonly verb: string;
  readonly params: object;
  readonly sets: Partial<Settings>;
}

const guarantee = (guaranteed: number): Request => ({
  verb: 'setGuaranteedMemory',
  params: { guaranteed },
  sets: { guaranteed, nextGuaranteed: guaranteed },
});
const target = (size: number): Request => ({
  verb: 'setBalloonTarget',
  params: { target: size * MIB },
  sets: { target: size },
});
const period = (seconds: number): Request => ({
  verb: 'setMemoryStatsPeriod',
  params: { period: seconds },
  sets: { period: seconds },
});
const nextRun = (memory: number, guaranteed: number): Request => ({
  verb: 'setNextRun',
  params: { memory, guaranteed },
  sets: { nextMemory: memory, nextGuaranteed: guaranteed },
});
const size = (memory: number): Request => ({
  verb: 'setMemory',
  params: { memory },
  sets: { nextMemory: memory },
});

const OLDER = [guarantee(700), target(850), period(3), nextRun(1536, 640), size(1280)];
const NEWER = [guarantee(800), target(960), period(5), nextRun(2048, 600), size(1536)];

const settingsOf = ({ now, next }: Seen): Settings => ({
  guaranteed: now.guaranteed,
  target: now.target,
  period: now.period,
  nextGuaranteed: next.guaranteed,
  nextMemory: next.memory,
});

/** Sends a request, and returns whether it was accepted once it is answered. */
const sent = (stage: Stage, { verb, params }: Request): Promise<boolean | undefined> =>
  drive(
    stage.world,
    stage.ask(verb, params).then(
      () => true,
      () => false,
    ),
  );

/** Plays a request with a fault or none, and a newer one as soon as it is answered or given up. */
async function played(older: Request, newer: Request, strike?: Strike) {
  const stage = await openStage({});
  const { world, boundary, vmID } = stage;
  const before = settingsOf(await seen(world, vmID));
  begin(stage, strike ? [strike] : [], { isComparing: false });
  const isOlderDone = await sent(stage, older);
  const crossings = [...boundary.crossings];
  const isNewerDone = await sent(stage, newer);
  await world.seconds(REST_S);
  boundary.calm();
  await recover(stage);
  const after = await seen(world, vmID);
  const complaints = unsound(after);
  const found = settingsOf(after);
  for (const name of Object.keys(found) as (keyof Settings)[]) {
    const possible = new Set([
      ...(isNewerDone && name in newer.sets ? []
      : isOlderDone && name in older.sets ? [older.sets[name]]
      : name in older.sets ? [before[name], older.sets[name]]
      : [before[name]]),
      ...(name in newer.sets ? [newer.sets[name]] : []),
    ]);
    // Devices that come and go carry the target.
    const isCarried = name === 'target' && [older, newer].some(({ verb }) => verb === 'setMemory');
    if (isCarried || possible.has(found[name])) continue;
    complaints.push(`${name} is ${String(found[name])} instead of ${[...possible].join(' or ')}`);
  }
  await startFully(stage);
  complaints.push(...differences(after, await seen(world, vmID)));
  return { crossings, complaints };
}

const CASES = OLDER.flatMap((older) =>
  NEWER.map((newer, index) => ({
    older,
    newer,
    index,
    name: `VM.${newer.verb} after VM.${older.verb}`,
  })),
);

test.each(CASES)(
  '$name holds if any call of the older request is performed after it',
  async ({ older, newer, index }) => {
    const complaints = await swept({
      fault: 'the call is late',
      play: (strike) => played(older, newer, strike),
      isTried: (at) => (at + index) % EVERY === 0,
    });
    expect(complaints).toEqual({});
  },
);
