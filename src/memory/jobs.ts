import type { KiB, MiB, Milliseconds } from '../common/units.ts';

export type Action = 'plug' | 'unplug' | 'resize';

/** Where a change of one memory device stands: the first two are open, all others tell how it ended. */
export type ChangeState =
  | 'queued'
  | 'requested'
  /** The guest uses what was plugged, does not use it, or does not tell. */
  | 'online'
  | 'not-online'
  | 'unverified'
  /** The device is gone, the guest kept it, nobody answered in time, it went after all. */
  | 'removed'
  | 'refused'
  | 'timed-out'
  | 'removed-late'
  /** A virtio-mem device has got to the size asked for, in time or later, or another size was asked for. */
  | 'reached'
  | 'reached-late'
  | 'superseded'
  /** It could not be asked for at all. */
  | 'failed';

/** What is done to one memory device. */
export interface MemoryChange {
  readonly action: Action;
  readonly alias: string;
  /** Of the device; where it is resized, the size asked for. */
  readonly size: KiB;
  /** NUMA node that it is plugged into. */
  readonly node?: number;
  /** Where in the guest's memory the device is, as soon as that is known. */
  readonly base?: string;
  readonly state: ChangeState;
  /** How often the guest was asked. */
  readonly attempts: number;
  /** When it was asked last: milliseconds since 1970. */
  readonly askedAt?: Milliseconds;
  /** Whether an earlier job asked for the same, and the guest may still go along with that. */
  readonly repeats?: boolean;
  /** Whether a plugged device has been seen to be there. */
  readonly wasThere?: boolean;
  /** What there is to know or to do about it, for people. */
  readonly message?: string;
}

/** A balloon's target, and the memory that it was meant for. */
export interface Balloon {
  readonly target: KiB;
  readonly memory: KiB;
}

/** How much a VM has, or is to have. */
export interface Size {
  readonly memory: MiB;
  readonly guaranteed?: MiB | undefined;
}

/** Changes that one request asked for; times are milliseconds since 1970. */
export interface MemoryJob {
  readonly id: string;
  readonly action: 'plug' | 'unplug' | 'set-memory';
  readonly flowId: string;
  readonly startedAt: Milliseconds;
  readonly endedAt?: Milliseconds;
  /** The memory that was asked for. */
  readonly requested?: MiB;
  /** The memory that its plan comes to. */
  readonly expected?: MiB;
  /** What is guaranteed once the guest has given something up. */
  readonly guaranteed?: MiB;
  /** Whether that guarantee is still to be set. */
  readonly owesGuarantee?: boolean;
  /** What the balloon was to leave; it gives back all that it holds before a device is asked for, until this has ended. */
  readonly deflated?: Balloon;
  /** What the next run had if nobody else had a say in that; present until that takes what was asked for. */
  readonly nextRunBefore?: readonly Partial<Size>[];
  readonly changes: readonly MemoryChange[];
}

export type JobState = 'running' | 'done' | 'partial' | 'failed';

const OPEN: readonly ChangeState[] = ['queued', 'requested'];
const GONE: readonly ChangeState[] = ['removed', 'removed-late'];
const SUCCESS: readonly ChangeState[] = [
  ...GONE,
  'online',
  'unverified',
  'reached',
  'reached-late',
];
/** Ended jobs that are kept besides those that tell of a device that is there. */
const KEPT = 8;

export const isOpen = ({ state }: MemoryChange): boolean => OPEN.includes(state);
/** Whether it was an unplug whose device is gone by now. */
export const isGone = ({ state }: MemoryChange): boolean => GONE.includes(state);
/** Whether it may still come to pass: asked for, and neither done nor refused. */
export const isAwaited = ({ state }: MemoryChange): boolean =>
  state === 'requested' || state === 'timed-out';

/** Whether somebody should look: it has ended otherwise than was asked for. */
export const isTrouble = (change: MemoryChange): boolean =>
  !isOpen(change) && change.state !== 'superseded' && !SUCCESS.includes(change.state);

/** How the whole job stands. */
export function stateOf({ changes }: MemoryJob): JobState {
  if (changes.some(isOpen)) return 'running';
  const successes = changes.filter(({ state }) => SUCCESS.includes(state)).length;
  if (successes === changes.length) return 'done';
  return successes === 0 ? 'failed' : 'partial';
}

/** The job with its change of that device carried on; what was told of the state before is told no more. */
export const withChange = (
  job: MemoryJob,
  alias: string,
  next: Partial<MemoryChange>,
): MemoryJob => ({
  ...job,
  changes: job.changes.map((change) =>
    change.alias === alias ? { ...omit(change, 'message'), ...next } : change,
  ),
});

/** Whether nothing of it could even be asked for. */
export const wasNotDone = ({ changes }: MemoryJob): boolean =>
  changes.every(({ state }) => state === 'failed');

/** What is still to be done for a job: a guarantee to be set, a balloon to be given its target, a next run to be told. */
export type Debt = 'owesGuarantee' | 'deflated' | 'nextRunBefore';

/** The job with that done, or something else in its place. */
export const withoutDebt = (job: MemoryJob, debt: Debt): MemoryJob => omit(job, debt);

/** The job that leaves the next run's guarantee alone, whatever that was. */
export const withNextGuaranteeKept = (job: MemoryJob): MemoryJob =>
  job.nextRunBefore ?
    { ...job, nextRunBefore: job.nextRunBefore.map((size) => omit(size, 'guaranteed')) }
  : job;

function omit<T extends object, K extends keyof T>(whole: T, name: K): Omit<T, K> {
  const { [name]: left, ...rest } = whole;
  return left === undefined ? whole : rest;
}

/** A change with the job that it belongs to. */
export interface JobChange {
  readonly job: MemoryJob;
  readonly change: MemoryChange;
}

/** The newest change of a device; jobs are oldest first. */
export function newestChange(
  jobs: readonly MemoryJob[],
  alias: string,
  action?: Action,
): JobChange | undefined {
  for (const job of [...jobs].reverse()) {
    const change = job.changes.find(
      (one) => one.alias === alias && (action === undefined || one.action === action),
    );
    if (change) return { job, change };
  }
  return undefined;
}

/** Those worth keeping: what runs, the last few, and what tells most recently of a device in `there`. */
export function worthKeeping(
  jobs: readonly MemoryJob[],
  there: ReadonlySet<string>,
): readonly MemoryJob[] {
  const told = new Set(
    [...there].flatMap((alias) =>
      (['plug', 'unplug', 'resize'] as const).map(
        (action) => newestChange(jobs, alias, action)?.job,
      ),
    ),
  );
  return jobs.filter(
    (job, index) =>
      index >= jobs.length - KEPT || stateOf(job) === 'running' || isOwing(job) || told.has(job),
  );
}

/** Whether something may come of it yet, or is still to be done for it. */
const isOwing = ({ changes, nextRunBefore, deflated }: MemoryJob): boolean =>
  changes.some(isAwaited) || nextRunBefore !== undefined || deflated !== undefined;
