import { CallFailedError } from '../../client/index.ts';
import { quoted } from '../../common/quote.ts';
import { errors } from '../../common/errors.ts';
import { type KiB, toKiB } from '../../common/units.ts';
import { CommandError, Exit } from '../exit.ts';
import { ask, canAsk } from '../follow/ask.ts';
import { endOfJob, mayFollow } from '../follow/endOfJob.ts';
import { followJob } from '../follow/followJob.ts';
import { nameOf } from '../names/findVm.ts';
import { type Chosen, lookOfWords, show, tell } from '../people.ts';
import type { Way } from '../plan/chooseWay.ts';
import type { Session } from '../session.ts';
import { exactSize, formatSize } from '../sizes/formatSize.ts';
import { vdsmJson } from '../vdsmJson.ts';
import type { Job, Resizing } from '../views/answers.ts';
import { jobLines } from '../views/jobLines.ts';
import { planLines } from '../views/planLines.ts';
import { type Moved, moveBalloon, setBalloon } from './balloon.ts';
import type { Wish } from './setWish.ts';
import { ceilMiB } from './sizeArgument.ts';

interface Attempt {
  readonly wish: Wish;
  readonly way: Exclude<Way, { by: 'balloon' }>;
}

/** Plugs or unplugs devices; returns the exit status. */
export async function resizeByDevices(
  session: Session,
  chosen: Chosen,
  { wish, way }: Attempt,
): Promise<Exit> {
  const target = way.by === 'devices' ? way.target : undefined;
  let answer: Resizing;
  try {
    answer = await resize(chosen, wish);
  } catch (error) {
    if (!isOfBoot(error) || target === undefined) throw error;
    return offerBalloon(session, chosen, { wish, target, error });
  }
  tellPlan(session, chosen, wish, answer);
  if (wish.dryRun) {
    if (session.options.json) session.print(vdsmJson(answer));
    return Exit.done;
  }
  const begun = { wish, answer, target };
  const isGrowing = way.by === 'devices' && way.direction === 'grow';
  if (!isGrowing) tellRest(session, chosen, begun);
  const concluded = await conclude(session, chosen, begun);
  const givesBack = isGrowing && concluded.exit !== Exit.failed;
  const given = givesBack ? await giveBack(session, chosen, begun) : undefined;
  return report(session, chosen, { wish, concluded, given });
}

interface Done {
  readonly wish: Wish;
  readonly concluded: Concluded;
  /** What the balloon gave back, if it held something. */
  readonly given: Moved | undefined;
}

/** Prints all that was done as one document with --json, or how a job is followed; returns the exit status. */
function report(
  session: Session,
  chosen: Chosen,
  { wish, concluded: { result, exit }, given }: Done,
): Exit {
  if (session.options.json) {
    session.print(vdsmJson(given ? { ...result, balloon: given.result } : result));
  }
  if (result.job?.state === 'running' && !wish.wait) {
    tell(session, `The guest decides: vmemctl jobs ${quoted(nameOf(chosen.vm))} --follow`);
  }
  if (given?.problem) throw given.problem;
  return exit === Exit.done && given ? given.exit : exit;
}

const resize = ({ client, vm }: Chosen, { size, floor, dryRun = false }: Wish): Promise<Resizing> =>
  client.call('VM.setMemory', {
    vmID: vm.id,
    memory: ceilMiB(size),
    dryRun,
    ...(floor !== undefined && { guaranteed: ceilMiB(floor) }),
  });

function tellPlan(session: Session, { name }: Chosen, { dryRun }: Wish, answer: Resizing): void {
  const options = { name, isDryRun: dryRun === true, look: lookOfWords(session) };
  for (const line of planLines(answer, options)) tell(session, line);
}

/** No device can be unplugged for this; the rest of the error says why. */
const isOfBoot = (error: unknown): error is CallFailedError =>
  error instanceof CallFailedError && error.code === errors.HotunplugMemFailed[0];

/** Gives back what the balloon holds, if anything. */
async function giveBack(
  session: Session,
  chosen: Chosen,
  { wish, target }: Rest,
): Promise<Moved | undefined> {
  if (target === undefined) return undefined;
  tell(session, `${chosen.name}: the balloon gives back what it holds`);
  return moveBalloon(session, chosen, { target, wait: wish.wait === true });
}

interface Offer {
  readonly wish: Wish;
  readonly target: KiB;
  readonly error: CallFailedError;
}

/** Offers the balloon where no device can be unplugged: asks a person, prints the command for a script. */
async function offerBalloon(
  session: Session,
  chosen: Chosen,
  { wish, target, error }: Offer,
): Promise<Exit> {
  const { name, vm } = chosen;
  const command = `vmemctl balloon ${quoted(nameOf(vm))} ${exactSize(target)}`;
  const why = error.message.replace(/\.$/, '');
  if (wish.dryRun) {
    show(session, { by: 'balloon', target_kib: target }, () => [
      `${name}: ${why}`,
      `by the balloon: ${command} (nothing is done)`,
    ]);
    return Exit.done;
  }
  if (wish.by === 'devices') throw error;
  if (!wish.yes) {
    if (session.options.json === true || !canAsk(session.world)) {
      throw new CommandError(`${name}: ${why}; the balloon can take it: ${command}.`);
    }
    session.note(`${name}: ${why}.`);
    const question = `Shall the balloon leave ${formatSize(target)} to the guest instead?`;
    if (!(await ask(session.world, question))) return Exit.failed;
  }
  return setBalloon(session, chosen, { target, wait: wish.wait === true });
}

interface Begun {
  readonly wish: Wish;
  readonly answer: Resizing;
}

interface Concluded {
  readonly result: Resizing;
  readonly exit: Exit;
}

/** Waits for the guest if asked to, and prints what became of the job. */
async function conclude(
  session: Session,
  chosen: Chosen,
  { wish, answer }: Begun,
): Promise<Concluded> {
  const { job } = answer;
  if (wish.wait && job) return follow(session, chosen, { answer, job });
  return { result: answer, exit: job?.state === 'failed' ? Exit.failed : Exit.done };
}

interface Followed {
  readonly answer: Resizing;
  readonly job: Job;
}

async function follow(
  session: Session,
  { client, vm, name }: Chosen,
  { answer, job }: Followed,
): Promise<Concluded> {
  const { last, because } = await followJob(session, {
    client,
    vmId: vm.id,
    jobId: job.job_id,
    signal: session.world.interruption(),
  });
  const concluded = { result: { ...answer, job: last }, exit: endOfJob(last) };
  if (session.options.json) return concluded;
  if (session.world.stderr.isTTY) {
    for (const line of jobLines(last, lookOfWords(session), Date.now())) session.note(line);
  }
  const { memory_kib: memory } = await client.call('VM.getMemoryUsage', { vmID: vm.id });
  session.print(`${name}: ${formatSize(memory)}${leftOver(last, memory)}`);
  if (because === 'interrupted') session.note('The job goes on by itself.');
  if (mayFollow(last)) {
    session.note(`The guest may still follow by itself: vmemctl jobs ${quoted(nameOf(vm))}`);
  }
  return concluded;
}

/** Returns what is missing of the plan of a job that has ended. */
function leftOver({ expected_mib: expected, state }: Job, memory: KiB): string {
  if (expected === undefined || state === 'done' || toKiB(expected) === memory) return '';
  return ` instead of ${formatSize(toKiB(expected))}`;
}

interface Rest extends Begun {
  /** What the balloon would have to leave for the whole wish. */
  readonly target: KiB | undefined;
}

/** Prints how the balloon takes what the devices do not give back. */
function tellRest(session: Session, { vm }: Chosen, { wish, answer, target }: Rest): void {
  const isNear = toKiB(answer.expected_mib) - wish.size < ONE_MIB;
  if (isNear || target === undefined) return;
  const command = `vmemctl balloon ${quoted(nameOf(vm))} ${exactSize(target)}`;
  tell(session, `The balloon can take the rest: ${command}`);
}

const ONE_MIB = 1024;
