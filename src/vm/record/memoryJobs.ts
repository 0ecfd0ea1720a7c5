import { randomBytes } from 'node:crypto';
import type { Cancel, Clock } from '../../common/clock.ts';
import {
  type Debt,
  isAwaited,
  isOpen,
  type JobChange,
  type MemoryChange,
  type MemoryJob,
  newestChange,
  stateOf,
  withChange,
  withNextGuaranteeKept,
  withoutDebt,
  worthKeeping,
} from '../../memory/jobs.ts';
import type { Milliseconds } from '../../common/units.ts';
import { readStored } from './storedJobs.ts';
import { wallMilliseconds } from '../../common/time.ts';
import { TotalBefore } from './totalBefore.ts';

/** What is known of a job when it begins. */
export type JobFacts = Pick<
  MemoryJob,
  'action' | 'flowId' | 'requested' | 'expected' | 'guaranteed' | 'deflated' | 'nextRunBefore'
>;

/** What is to be done to one device. */
export type Wanted = Pick<MemoryChange, 'action' | 'alias' | 'size' | 'node' | 'base'>;

export interface MemoryJobsOptions {
  readonly clock: Clock;
  /** Hears of each change that has got on. */
  readonly tell: (job: MemoryJob, change: MemoryChange) => void;
}

/** What is being done to the memory devices of one run of a VM, and how the last of it ended; oldest first. */
export class MemoryJobs {
  readonly #options: MemoryJobsOptions;
  #jobs: readonly MemoryJob[] = [];
  /** Who waits for a job's end, by its id. */
  readonly #waits = new Map<string, readonly ((job: MemoryJob) => void)[]>();
  readonly #timers = new Map<string, Cancel>();
  /** What is to be told later; undefined where all is told at once. */
  #untold: (() => void)[] | undefined;
  #told: readonly MemoryJob[] | undefined;
  /** Kept with the jobs, as it tells what becomes of plugs. */
  readonly before: TotalBefore;

  constructor(options: MemoryJobsOptions) {
    this.#options = options;
    this.before = new TotalBefore(options.clock);
  }

  get all(): readonly MemoryJob[] {
    return this.#jobs;
  }
  /** All as clients may see them: while {@link tellAfter} works, as they were before it. */
  get told(): readonly MemoryJob[] {
    return this.#told ?? this.#jobs;
  }
  /** Milliseconds since 1970. */
  get now(): Milliseconds {
    return wallMilliseconds(this.#options.clock);
  }

  get(id: string): MemoryJob | undefined {
    return this.#jobs.find((job) => job.id === id);
  }

  /** Where a job's change of one device stands. */
  changeOf(id: string, alias: string): MemoryChange | undefined {
    return this.get(id)?.changes.find((one) => one.alias === alias);
  }

  /**
   * Begins a job of which nothing is asked for yet; `wanted` may name devices after the job's id. What its devices were
   * asked for before counts no more; what was to be guaranteed then still does, unless it says that itself.
   */
  begin(facts: JobFacts, wanted: (id: string) => readonly Wanted[]): MemoryJob {
    const id = randomBytes(4).toString('hex');
    const all = wanted(id).map((one) => ({ one, older: this.#supersede(one) }));
    const changes = all.map(({ one, older }) => ({
      ...one,
      state: 'queued' as const,
      attempts: 0,
      ...(older?.change.size === one.size && { repeats: true }),
    }));
    const owing = this.#jobs.findLast((job) => all.some((each) => inherits(each, job)));
    const guaranteed = facts.guaranteed ?? owing?.guaranteed;
    const owes = guaranteed !== undefined && { guaranteed, owesGuarantee: true };
    const job = { id, startedAt: this.now, ...facts, ...owes, changes };
    if (facts.nextRunBefore) this.settle('nextRunBefore');
    this.#jobs = [...this.#jobs, job];
    return job;
  }

  /** Ends what a device was asked for before; answers that, if the guest may still go along. */
  #supersede({ action, alias }: Wanted): JobChange | undefined {
    const older = newestChange(this.#jobs, alias, action);
    if (!older || !isAwaited(older.change)) return undefined;
    // A device that was asked for just now may go, whatever is said to another request for it.
    if (action === 'unplug' && isOpen(older.change)) return undefined;
    this.carryOn(older.job.id, alias, { state: 'superseded', message: SUPERSEDED });
    return older;
  }

  /** Carries a job's change of one device on, and tells where it stands if that is news. */
  carryOn(id: string, alias: string, next: Partial<MemoryChange>): void {
    const [before, earlier] = [this.get(id), this.changeOf(id, alias)];
    if (!before || !earlier) return;
    const carried = withChange(before, alias, next);
    const ends = stateOf(carried) !== 'running' && before.endedAt === undefined;
    const job = ends ? { ...carried, endedAt: this.now } : carried;
    this.#replace(id, () => job);
    const change = this.changeOf(id, alias);
    if (!change || change.state === earlier.state) return;
    if (!isOpen(change)) this.#unarm(id, alias);
    this.#say(() => {
      this.#options.tell(job, change);
      if (ends) this.#end(id);
    });
  }

  /** What is found out in `work` is told when it is through, so that who hears of it finds it written down. */
  async tellAfter(work: () => Promise<void>): Promise<void> {
    const untold: (() => void)[] = [];
    this.#untold = untold;
    this.#told = this.#jobs;
    try {
      await work();
    } finally {
      this.#untold = undefined;
      this.#told = undefined;
      for (const tell of untold) tell();
    }
  }

  #say(tell: () => void): void {
    if (this.#untold) this.#untold.push(tell);
    else tell();
  }

  /** Notes that these jobs, all unless told which, owe that no more. */
  settle(debt: Debt, ids = this.#ids): void {
    for (const id of ids) this.#replace(id, (job) => withoutDebt(job, debt));
  }

  /** Settles it while `pay` writes that down; where it cannot be, it is owed as before. */
  async paying(debt: Debt, pay: () => Promise<void>, ids = this.#ids): Promise<void> {
    const owing = this.#jobs.filter((job) => ids.includes(job.id) && job[debt] !== undefined);
    this.settle(debt, ids);
    try {
      await pay();
    } catch (error) {
      for (const { id, [debt]: owed } of owing) {
        this.#replace(id, (job) => ({ ...job, [debt]: owed }));
      }
      throw error;
    }
  }

  get #ids(): readonly string[] {
    return this.#jobs.map(({ id }) => id);
  }

  /** Notes that the next run's guarantee is to stay as it is now. */
  keepNextGuarantee(): void {
    for (const { id } of this.#jobs) this.#replace(id, withNextGuaranteeKept);
  }

  /** The job once it does not run any more; undefined where there is none. */
  ended(id: string): Promise<MemoryJob | undefined> {
    const job = this.get(id);
    if (!job || stateOf(job) !== 'running') return Promise.resolve(job);
    return new Promise((resolve) => {
      this.#waits.set(id, [...(this.#waits.get(id) ?? []), resolve]);
    });
  }

  /** Runs `run` once after `delay`, unless the change has ended by then. */
  arm(id: string, alias: string, delay: Milliseconds, run: () => void): void {
    this.#unarm(id, alias);
    this.#timers.set(key(id, alias), this.#options.clock.after(delay, run));
  }

  /** Ends what is open of all jobs as failed, with that message: the run is over. */
  endAll(message: string): void {
    for (const { id, changes } of this.#jobs) {
      for (const change of changes) {
        if (isOpen(change)) this.carryOn(id, change.alias, { state: 'failed', message });
      }
    }
  }

  /** Ends what is open of one job that could not be begun; what an earlier one asked for may still come to pass. */
  fail(id: string, message: string): void {
    for (const change of this.get(id)?.changes ?? []) {
      const state = change.repeats ? 'timed-out' : 'failed';
      if (isOpen(change)) this.carryOn(id, change.alias, { state, message });
    }
  }

  /** Lets those go who wait for an end, with how it stands. */
  endWaits(): void {
    for (const { id } of this.#jobs) this.#end(id);
  }

  /** Lets go of all timers; nothing is told any more. */
  stop(): void {
    this.endWaits();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** Forgets all, as a new run begins; what was open is told to have failed. */
  clear(): void {
    this.endAll('the VM has begun another run');
    this.stop();
    this.#jobs = [];
    this.before.compareWith(undefined);
  }

  /** As text that {@link read} takes, without what need not be kept; empty where there is nothing. */
  written(there: ReadonlySet<string>): string {
    this.#jobs = worthKeeping(this.#jobs, there);
    const before = this.before.total;
    if (this.#jobs.length === 0) return '';
    return JSON.stringify({ jobs: this.#jobs, ...(before && { before }) });
  }

  /** Takes in what was written before a restart; what is not ours to read is passed over. */
  read(text: string): void {
    const { jobs, before } = readStored(text);
    this.#jobs = jobs;
    this.before.resume(before);
  }

  #replace(id: string, change: (job: MemoryJob) => MemoryJob): void {
    this.#jobs = this.#jobs.map((job) => (job.id === id ? change(job) : job));
  }

  #unarm(id: string, alias: string): void {
    this.#timers.get(key(id, alias))?.();
    this.#timers.delete(key(id, alias));
  }

  #end(id: string): void {
    const job = this.get(id);
    if (!job) return;
    for (const resolve of this.#waits.get(id) ?? []) resolve(job);
    this.#waits.delete(id);
  }
}

/** Whether a job owes its guarantee for the new change too: not where a device is to grow that was to shrink. */
const inherits = (
  { one, older }: { readonly one: Wanted; readonly older: JobChange | undefined },
  { id, owesGuarantee }: MemoryJob,
): boolean =>
  owesGuarantee === true &&
  older?.job.id === id &&
  (one.action !== 'resize' || one.size <= older.change.size);

const SUPERSEDED = 'it was asked for anew';

const key = (id: string, alias: string): string => `${id} ${alias}`;
