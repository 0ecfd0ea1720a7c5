import { begin, openStage, recover, start } from './stage.ts';
import type { Crossing, Strike } from './boundary.ts';
import { type Answer, broken, differences, seen } from './judgement.ts';
import type { Request } from './requests.ts';

/** The longest time of a request if the guest completes every change. */
const REQUEST_S = 20;

export interface Outcome {
  readonly crossings: readonly Crossing[];
  readonly complaints: readonly string[];
}

/** Plays a request with one fault, or none, and returns what crossed the boundary and what is wrong afterwards. */
export async function played(request: Request, strike?: Strike): Promise<Outcome> {
  const stage = await openStage(request);
  const { world, boundary, vmID, ask } = stage;
  const before = await seen(world, vmID);
  let answer: Answer = 'none';
  begin(stage, () => 1, strike ? [strike] : []);
  ask(request.verb, request.params).then(
    () => {
      answer = 'accepted';
    },
    () => {
      if (!world.isDead) answer = 'failed';
    },
  );
  await world.seconds(REQUEST_S);
  const crossings = [...boundary.crossings];
  boundary.calm();
  const isKill = strike?.fault === 'vmemd is killed';
  if (isKill && !world.isDead) return { crossings, complaints: ['the crossing is not reached'] };
  await recover(world);
  const after = await seen(world, vmID);
  const complaints = broken(request, { before, after, answer, isKill: isKill || !strike });
  await start(world);
  await world.seconds(1);
  complaints.push(...differences(after, await seen(world, vmID)));
  if (isKill || !strike) complaints.push(...unintended(crossings));
  // A call that fails is logged.
  if (isKill) complaints.push(...errorsOf(world.lines));
  return { crossings, complaints };
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
