import type { World } from '../../support/world.ts';
import type { Truth } from './truth.ts';
import type { Change, Job } from './view.ts';

/** The states that can follow each state of a change. */
const next: Readonly<Record<string, readonly string[]>> = {
  // A plug is first reported when its device has an alias, which can be after its time was over.
  queued: ['requested', 'failed', 'removed', 'superseded', 'not-online'],
  requested: [
    'online',
    'not-online',
    'unverified',
    'removed',
    'refused',
    'timed-out',
    'reached',
    'superseded',
    'failed',
  ],
  'not-online': ['online'],
  // A plug can take effect after its time was over.
  'timed-out': [
    'refused',
    'removed-late',
    'reached-late',
    'superseded',
    'not-online',
    'online',
    'unverified',
  ],
};

/** Checks the events of one VM for consistency and against the host. */
export class Narrative {
  readonly complaints: string[] = [];
  readonly #world: World;
  readonly #truth: Truth;
  #there = new Set<string>();
  #hasBegun = false;
  readonly #jobs = new Map<string, Job>();
  /** When the present process was started, on the wall clock. */
  #begunAt = 0;
  /** Jobs from before this time on the clock are unknown. */
  #forgotAt = 0;

  constructor(world: World, truth: Truth) {
    this.#world = world;
    this.#truth = truth;
  }

  /** The present devices by the events. */
  get devices(): ReadonlySet<string> {
    return this.#there;
  }

  get jobs(): ReadonlyMap<string, Job> {
    return this.#jobs;
  }

  /** Another process sends events from now on; it starts with the present devices, and jobs may not have been recorded. */
  begin(aliases: readonly string[], isForgetful = false): void {
    this.#there = new Set(aliases);
    this.#hasBegun = true;
    this.#begunAt = this.#now;
    if (isForgetful) this.#forget();
    for (const [id, job] of this.#jobs) this.#jobs.set(id, withDoubt(job));
  }

  /** It is unknown with which devices the present process has started. */
  lose(): void {
    this.#hasBegun = false;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get #now(): number {
    return this.#world.clock.wallTime() * 1000;
  }

  #forget(): void {
    this.#jobs.clear();
    this.#forgotAt = this.#now;
  }

  hear(news: Readonly<Record<string, unknown>>, now: number): void {
    const { event, alias, job } = news as { event?: string; alias: string; job: Job };
    if (event === 'device-added') this.#came(alias);
    if (event === 'device-removed') this.#went(alias);
    if (event !== 'memory-job') return;
    const { memory_mib, guaranteed_mib } = news as Record<string, number>;
    if ((guaranteed_mib ?? 0) > (memory_mib ?? 0)) this.#complain('more guaranteed than there is');
    this.#tell(job, now);
  }

  #came(alias: string): void {
    if (this.#hasBegun && this.#there.has(alias)) this.#complain(`${alias} came twice`);
    this.#there.add(alias);
  }

  #went(alias: string): void {
    const wasThere = this.#there.delete(alias);
    if (this.#hasBegun && !wasThere) this.#complain(`${alias} went without having been there`);
  }

  #tell(job: Job, now: number): void {
    const before = this.#jobs.get(job.job_id);
    this.#jobs.set(job.job_id, job);
    const isOpen = job.changes.some(({ state }) => ['queued', 'requested'].includes(state));
    if (isOpen !== (job.state === 'running')) this.#complain(`a job is ${job.state}`);
    if (isOpen === (job.ended !== undefined)) this.#complain(`a job ${job.state} has ended`);
    if (!before && Date.parse(job.started) <= this.#forgotAt) return;
    const first = Date.parse(job.started) <= this.#begunAt ? UNKNOWN : 'queued';
    for (const change of job.changes) {
      const was = before?.changes.find(({ alias }) => alias === change.alias)?.state ?? first;
      if (was === change.state) continue;
      if (!this.#mayFollow(job, was, change)) {
        this.#complain(`${change.action} of ${change.alias}: ${was}, then ${change.state}`);
      }
      this.#compare(job, change, now);
    }
  }

  #mayFollow(job: Job, was: string, change: Change): boolean {
    // What another vmemd does is published only once it is found in the record.
    if (job.flow_id === 'other') return true;
    if (was === UNKNOWN || next[was]?.includes(change.state)) return true;
    return was === 'queued' && change.state === 'timed-out' && this.#repeats(job, change);
  }

  /** Whether an earlier job requested the same, which can take effect though this job could not be sent. */
  #repeats({ job_id }: Job, { action, alias }: Change): boolean {
    return [...this.#jobs.values()].some(
      (job) =>
        job.job_id !== job_id &&
        job.changes.some(
          (one) => one.action === action && one.alias === alias && one.state === 'superseded',
        ),
    );
  }

  /** Each event has to agree with the host now, or at this time on the clock. */
  #compare(job: Job, { action, alias, state }: Change, now: number): void {
    if (action !== 'unplug' || !this.#world.host.isConnected) return;
    const start = this.#world.clock.wallTime() * 1000 - now;
    const since = Date.parse(job.started) - start;
    if (['removed', 'removed-late'].includes(state) && !this.#truth.hasGone(alias, since)) {
      this.#complain(`${alias} is ${state}, but there`);
    }
    if (['refused', 'timed-out'].includes(state) && this.#truth.hasGone(alias, now)) {
      if (!this.#truth.hasGone(alias, now - 1)) return;
      this.#complain(`${alias} is ${state}, but gone`);
    }
  }

  #complain(what: string): void {
    this.complaints.push(`at ${String(this.#world.clock.now())} ms: ${what}`);
  }
}

/** The job as the next process may find it: an event and the record of its change are not written at once. */
const withDoubt = (job: Job): Job => ({
  ...job,
  changes: job.changes.map((change) =>
    DOUBTFUL.includes(change.state) ? { ...change, state: UNKNOWN } : change,
  ),
});

const DOUBTFUL = ['queued', 'requested', 'online'];
/** Any state can follow. */
const UNKNOWN = 'unknown';
