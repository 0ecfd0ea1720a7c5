import { type MiB, toKiB } from '../../common/units.ts';
import { formatDuration, secondsSince } from '../output/duration.ts';
import type { Look } from '../output/look.ts';
import { progressBar, secondsLeft } from '../output/progressBar.ts';
import { cut, printable, wrap } from '../output/width.ts';
import { formatSize } from '../sizes/formatSize.ts';
import type { Job } from './answers.ts';

type Change = Job['changes'][number];
type State = Change['state'];

/** States in which a change goes on, and those in which it has not become what was asked for. */
const OPEN: ReadonlySet<State> = new Set(['queued', 'requested']);
const TROUBLE: ReadonlySet<State> = new Set(['not-online', 'refused', 'timed-out', 'failed']);

const WORDS: Readonly<Record<State, string>> = {
  queued: 'waits for its turn',
  requested: 'waits for the guest',
  online: 'the guest uses it',
  'not-online': 'the guest does not use it',
  unverified: 'plugged; whether the guest uses it is not known',
  removed: 'removed',
  refused: 'the guest keeps it',
  'timed-out': 'the guest has not answered; it may still follow',
  'removed-late': 'removed late',
  reached: 'reached',
  'reached-late': 'reached late',
  superseded: 'another size was asked for since',
  failed: 'failed',
};

/** Whether a change goes on. */
const isOpen = ({ state }: Pick<Change, 'state'>): boolean => OPEN.has(state);

/** Returns how many changes of a job have ended, and how many there are. */
function progressOf({ changes }: Job): { readonly done: number; readonly all: number } {
  return { done: changes.filter((change) => !isOpen(change)).length, all: changes.length };
}

/** Returns a job, device by device; `now` is in milliseconds since 1970. Of one that has ended all devices are shown. */
export function jobLines(job: Job, look: Look, now: number): string[] {
  const { columns } = look;
  const isLive = job.state === 'running';
  const room = columns === undefined ? undefined : columns - 2;
  const lines = [
    cut(heading(job, now), columns ?? Infinity, markOf(look)),
    ...job.changes.flatMap((change) =>
      isLive ? [`  ${changeLine(change, look)}`] : changeLines(change, look),
    ),
  ];
  if (isLive) lines.push(`  ${progress(job, look, now)}`);
  const remarks = job.message === undefined ? [] : wrap(printable(job.message), room);
  return [...lines, ...remarks.map((line) => `  ${line}`)];
}

const markOf = ({ unicode }: Look) => ({ mark: unicode ? '…' : '~' });

function heading(job: Job, now: number): string {
  const { job_id: id, state, started, ended } = job;
  const seconds = secondsSince(started, ended === undefined ? now : Date.parse(ended));
  const time =
    ended === undefined ? `for ${formatDuration(seconds)}` : `after ${formatDuration(seconds)}`;
  return `job ${id}: ${whatOf(job)}, ${state} ${time}`;
}

/** Returns what a job is to do: `set memory to 1.25 GiB`. */
function whatOf({ action, changes, requested_mib: requested }: Job): string {
  if (action === 'set-memory' && requested !== undefined)
    return `set memory to ${sizeIn(requested)}`;
  return `${action} ${changes.map(({ size_mib: size }) => sizeIn(size)).join(', ')}`;
}

const sizeIn = (size: MiB): string => formatSize(toKiB(size));

/** Returns a change of a device and what became of it, in a line that fits the terminal. */
export const changeLine = (change: Change, look: Look): string =>
  `${signOf(change.state, look)} ${cut(textOf(change), roomIn(look) ?? Infinity, markOf(look))}`;

function changeLines(change: Change, look: Look): string[] {
  const [first = '', ...more] = wrap(textOf(change), roomIn(look));
  const rest = more.map((line) => ' '.repeat(INDENT) + line);
  return [`  ${signOf(change.state, look)} ${first}`, ...rest];
}

function textOf({ action, alias, size_mib: size, state, attempts = 1, message }: Change): string {
  const again = isOpen({ state }) && attempts > 1 ? `, asked ${String(attempts)} times` : '';
  const words = message === undefined ? WORDS[state] + again : printable(message);
  return `${action} ${printable(alias)} (${sizeIn(size)}): ${words}`;
}

const roomIn = ({ columns }: Look): number | undefined =>
  columns === undefined ? undefined : columns - INDENT;

/** What goes before the text: the indent of a job's lines, the sign and a blank. */
const INDENT = 4;

function signOf(state: State, { unicode, style }: Look): string {
  if (OPEN.has(state)) return style('cyan', unicode ? '◌' : '.');
  if (TROUBLE.has(state)) return style('red', unicode ? '✗' : 'x');
  return style('green', unicode ? '✓' : '+');
}

const BAR = 24;

/** Returns how far a job is, and how long it will go on if it goes on so. */
function progress(job: Job, look: Look, now: number): string {
  const { done, all } = progressOf(job);
  const fraction = all === 0 ? 0 : done / all;
  const left = secondsLeft(fraction, secondsSince(job.started, now));
  const eta = left === undefined ? '' : `, about ${formatDuration(left)} left`;
  const text = `${String(done)} of ${String(all)}${eta}`;
  const room = look.columns === undefined ? BAR : look.columns - INDENT - text.length;
  return `${progressBar(fraction, Math.max(4, Math.min(BAR, room)), look)} ${text}`;
}
