import type { Client } from '../../client/index.ts';
import { KiB } from '../../common/units.ts';
import { Exit } from '../exit.ts';
import { formatDuration } from '../output/duration.ts';
import { LiveLines } from '../output/liveLines.ts';
import type { Look } from '../output/look.ts';
import { progressBar, secondsLeft } from '../output/progressBar.ts';
import { lookOfWords } from '../people.ts';
import type { Session } from '../session.ts';
import { formatSize } from '../sizes/formatSize.ts';
import type { Balloon } from '../views/answers.ts';
import { pollVm } from './pollVm.ts';

export interface BalloonOfVm {
  readonly client: Client;
  readonly vmId: string;
  readonly name: string;
}

export interface BalloonOutcome {
  readonly balloon: Balloon;
  readonly exit: Exit;
}

/** A balloon that has not moved yet is not stuck before this. */
const PATIENCE_MS = 15_000;

/** Follows a balloon to its target, or until it stops or the user interrupts it; prints how it ended. */
export async function followBalloon(
  session: Session,
  { client, vmId, name }: BalloonOfVm,
): Promise<BalloonOutcome> {
  const look = lookOfWords(session);
  const live = new LiveLines(session.world.stderr);
  const isQuiet = session.options.json === true;
  const since = Date.now();
  let first: number | undefined;
  try {
    const { last } = await pollVm({
      client,
      vmId,
      read: () => client.call('VM.getBalloonInfo', { vmID: vmId }),
      isDone: (balloon) => hasEnded(balloon, Date.now() - since),
      onValue: (balloon) => {
        first ??= Number(balloon.balloon_cur);
        if (!isQuiet) live.show([progress(balloon, { first, since, look })]);
      },
      signal: session.world.interruption(),
    });
    live.clear();
    return ended(session, last, name);
  } finally {
    live.clear();
  }
}

function hasEnded({ moving, balloon_cur: current }: Balloon, elapsedMs: number): boolean {
  if (moving === 'on-its-way') return false;
  return (
    moving === 'at-target' ||
    (current !== undefined && elapsedMs > PATIENCE_MS) ||
    moving === 'stuck'
  );
}

function ended(session: Session, balloon: Balloon, name: string): BalloonOutcome {
  const { moving, balloon_cur: current, balloon_target: target } = balloon;
  const tell = (text: string): void => {
    if (!session.options.json) session.note(`${name}: ${text}`);
  };
  const at = current === undefined ? 'an unknown size' : formatSize(KiB(Number(current)));
  if (moving === 'at-target') {
    tell(`the balloon is at ${at}`);
    return { balloon, exit: Exit.done };
  }
  const aim = formatSize(KiB(Number(target)));
  tell(
    moving === 'on-its-way' ?
      `the balloon is at ${at} and goes on to ${aim} by itself`
    : `the balloon has stopped at ${at}: the guest keeps the rest, or has no balloon driver; the target of ${aim} stays, and is reached once the guest can`,
  );
  return { balloon, exit: Exit.inPart };
}

interface Motion {
  readonly first: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly look: Look;
}

const BAR = 24;

function progress(balloon: Balloon, { first, since, look }: Motion): string {
  const { balloon_cur: now, balloon_target: aim } = balloon;
  if (now === undefined) return 'the hypervisor does not answer for this VM';
  const [current, target] = [Number(now), Number(aim)];
  const way = Math.abs(target - first);
  const fraction = way === 0 ? 1 : Math.min(1, Math.abs(current - first) / way);
  const left = secondsLeft(fraction, (Date.now() - since) / 1000);
  const eta = left === undefined || fraction >= 1 ? '' : `, about ${formatDuration(left)} left`;
  const text = `${formatSize(KiB(current))} to ${formatSize(KiB(target))}${eta}`;
  const room = (look.columns ?? Infinity) - text.length - 1;
  return `${progressBar(fraction, Math.max(4, Math.min(BAR, room)), look)} ${text}`;
}
