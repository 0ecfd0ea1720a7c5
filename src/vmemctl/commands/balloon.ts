import type { Result } from '../../client/index.ts';
import type { KiB } from '../../common/units.ts';
import type { Register } from '../command.ts';
import { CommandError, Exit } from '../exit.ts';
import { followBalloon } from '../follow/followBalloon.ts';
import { chooseVm, type Chosen } from '../people.ts';
import type { Session } from '../session.ts';
import { formatSize } from '../sizes/formatSize.ts';
import { vdsmJson } from '../vdsmJson.ts';
import { readSize } from './sizeArgument.ts';

/** `vmemctl balloon VM SIZE`: what the balloon leaves to the guest. */
export const registerBalloon: Register = (program, run) => {
  program
    .command('balloon')
    .helpGroup('Change memory:')
    .summary('set how much memory the balloon of a VM leaves to the guest')
    .argument('<vm>', 'name, UUID or the beginning of either')
    .argument('<size>', 'the target, as 2G or 768M')
    .option('--wait', 'wait until the balloon has reached it, or has stopped')
    .action(
      run(async (session, word: string, text: string, { wait = false }: { wait?: boolean }) => {
        const target = readSize(text, 'size');
        return setBalloon(session, await chooseVm(session, word), { target, wait });
      }),
    );
};

export interface BalloonWish {
  readonly target: KiB;
  readonly wait: boolean;
}

/** Sets a balloon's target, prints what became of it, and waits for it if asked to; returns the exit status. */
export async function setBalloon(
  session: Session,
  chosen: Chosen,
  wish: BalloonWish,
): Promise<Exit> {
  const { result, exit, problem } = await moveBalloon(session, chosen, wish);
  if (session.options.json) session.print(vdsmJson(result));
  if (problem) throw problem;
  return exit;
}

/** What became of a target, as printed with --json; `problem` if it was not set. */
export interface Moved {
  readonly result: object;
  readonly exit: Exit;
  readonly problem?: CommandError;
}

/** As {@link setBalloon}, and leaves it to the caller to print the result with --json. */
export async function moveBalloon(
  session: Session,
  { client, vm, name }: Chosen,
  { target, wait }: BalloonWish,
): Promise<Moved> {
  const answer = await client.call('VM.setBalloonTarget', { vmID: vm.id, target });
  const { applied, reason = 'the balloon does not move' } = answer;
  if (!applied) {
    const problem = new CommandError(`${name}: the target was not set: ${reason}.`);
    return { result: answer, exit: Exit.failed, problem };
  }
  if (!session.options.json)
    session.print(`${name}: ${targetText(answer, target, vm.current_kib)}`);
  const outcome = wait ? await followBalloon(session, { client, vmId: vm.id, name }) : undefined;
  const result = outcome ? { ...answer, balloon: outcome.balloon } : answer;
  if (outcome && outcome.exit !== Exit.done) return { result, exit: outcome.exit };
  return { result, exit: isLimited(answer, target) ? Exit.inPart : Exit.done };
}

type Answer = Result<'VM.setBalloonTarget'>;

/** Targets are whole MiB for the hypervisor, in KiB. */
const ROUNDING = 1024;

const isLimited = ({ target: set }: Answer, target: KiB): boolean =>
  set !== undefined && Math.abs(set - target) >= ROUNDING;

/** Returns the target that was set, and why it is another one or where the balloon starts from. */
function targetText(answer: Answer, target: KiB, current: KiB | undefined): string {
  const { target: set = target, reason } = answer;
  if (isLimited(answer, target)) {
    const why = reason === undefined ? '' : `: ${reason}`;
    return `target ${formatSize(set)} instead of ${formatSize(target)}${why}`;
  }
  const isThere = current === undefined || Math.abs(current - set) < ROUNDING;
  return `target ${formatSize(set)}${isThere ? '' : `, from ${formatSize(current)}`}`;
}
