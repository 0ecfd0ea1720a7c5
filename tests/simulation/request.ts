import { begin, openStage, recover, start, startFully, type Stage } from './stage.ts';
import type { Crossing, Strike } from './crossing.ts';
import { type Answer, broken, differences, seen, type Seen, unsound } from './judgement.ts';
import type { Request } from './requests.ts';

/** The longest time of a request if the guest completes every change. */
const REQUEST_S = 20;
/** How long a start of vmemd takes to have repeated whatever it continues. */
const START_S = 12;

export interface Outcome {
  readonly crossings: readonly Crossing[];
  readonly complaints: readonly string[];
}

interface Played extends Outcome {
  readonly stage: Stage;
  readonly before: Seen;
  readonly answer: Answer;
}

/**
 * Plays a request with one fault, or none, and returns what crossed the boundary and what is wrong afterwards. vmemd
 * cannot list its domains again unless it starts or has lost its connection: it has to repeat by itself what failed.
 */
export async function played(request: Request, strike?: Strike): Promise<Outcome> {
  const { stage, before, answer, crossings, complaints: unreached } = await asked(request, strike);
  if (unreached.length > 0) return { crossings, complaints: unreached };
  const { world, boundary, vmID } = stage;
  const isKill = strike?.fault === 'vmemd is killed';
  boundary.calm();
  await recover(stage);
  const after = await seen(world, vmID);
  const complaints = broken(request, { before, after, answer, isKill: isKill || !strike });
  complaints.push(...(await changedByStart(stage, after)));
  if (isKill || !strike) complaints.push(...unintended(crossings));
  // A call that fails is logged.
  if (isKill) complaints.push(...errorsOf(world.lines));
  return { crossings, complaints };
}

/** Plays a request with vmemd killed at a crossing, and the start after it with another fault, or none. */
export async function startedAgain(
  request: Request,
  at: number,
  second?: Strike,
): Promise<Outcome> {
  const kill = { at, fault: 'vmemd is killed' } as const;
  const { stage, before, answer, crossings, complaints: unreached } = await asked(request, kill);
  if (unreached.length > 0) return { crossings, complaints: unreached };
  const { world, boundary, vmID } = stage;
  const past = boundary.crossings.length;
  boundary.aim(second ? [second] : []);
  await start(stage);
  await world.seconds(START_S);
  const ofStart = boundary.crossings.slice(past);
  boundary.calm();
  // A domain that the start could not read is read again with the listing of all.
  if (world.vms.unreadable().length > 0) boundary.allowListing();
  await recover(stage);
  const after = await seen(world, vmID);
  const isKill = second === undefined || second.fault === 'vmemd is killed';
  const complaints = isKill ? broken(request, { before, after, answer, isKill }) : unsound(after);
  complaints.push(...(await changedByStart(stage, after)));
  return { crossings: ofStart, complaints };
}

/** Begins a request with a fault, or none, and lets its time go by. */
async function asked(request: Request, strike?: Strike): Promise<Played> {
  const stage = await openStage(request);
  const { world, boundary, vmID, ask } = stage;
  const before = await seen(world, vmID);
  const reply: { answer: Answer } = { answer: 'none' };
  begin(stage, strike ? [strike] : [], { isComparing: false });
  ask(request.verb, request.params).then(
    () => {
      reply.answer = 'accepted';
    },
    () => {
      if (!world.isDead) reply.answer = 'failed';
    },
  );
  await world.seconds(REQUEST_S);
  const isReached = strike?.fault !== 'vmemd is killed' || world.isDead;
  return {
    stage,
    before,
    answer: reply.answer,
    crossings: [...boundary.crossings],
    complaints: isReached ? [] : ['the crossing is not reached'],
  };
}

/** Returns what another start changes, which it must not. */
async function changedByStart(stage: Stage, before: Seen): Promise<readonly string[]> {
  await startFully(stage);
  return differences(before, await seen(stage.world, stage.vmID));
}

const errorsOf = (lines: readonly Record<string, unknown>[]): readonly string[] =>
  lines
    .filter(({ level }) => Number(level) >= 50)
    .map(({ msg, err }) => JSON.stringify({ msg, err }));

const ACTS = ['attachDevice', 'detachDevice', 'requestDeviceMemory', 'setBalloon'];

/** Returns what the host was asked to do before it had confirmed the write of the intent. */
function unintended(crossings: readonly Crossing[]): readonly string[] {
  const written = crossings.findIndex(
    ({ kind, what }) => kind === 'reply' && what === 'setMetadata',
  );
  const early = written < 0 ? crossings : crossings.slice(0, written);
  return early
    .filter(({ kind, what }) => kind === 'call' && ACTS.includes(what))
    .map(({ what }) => `${what} before its intent is written`);
}
