import type { Logger } from 'pino';
import type { Clock } from '../common/clock.ts';
import type { Domain } from '../domain-xml/types.ts';
import { VdsmError } from '../common/errors.ts';
import type { BalloonSample, CallOptions, HostEvent, Hypervisor } from '../host/hypervisor.ts';
import { type Freshness, freshnessOf } from '../memory/freshness.ts';
import { balloonCurrent } from '../memory/balloon.ts';
import { isTrouble, type MemoryChange, type MemoryJob } from '../memory/jobs.ts';
import { heldOf, type Usage, usageOf } from '../memory/usage.ts';
import { floorMiB, KiB, type Milliseconds, Seconds } from '../common/units.ts';
import { SerialQueue } from './serialQueue.ts';
import { History } from './history.ts';
import { MemoryJobs } from './record/memoryJobs.ts';
import { VmDomain } from './vmDomain.ts';
import {
  afterReport,
  beginsRun,
  type Exit,
  exits,
  type RunState,
  runStateAfter,
  passing,
  statusAt,
  type VmStatus,
} from './status.ts';

/** What every VM works with. */
export interface VmParts {
  readonly hypervisor: Hypervisor;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long one operation on a VM may take, waiting for its turn included. */
  readonly timeout: Milliseconds;
  /** Tells the VM's listeners; called whenever what clients see of the VM has changed by itself. */
  readonly announce: (vm: Vm, news: VmEvent) => void;
  readonly samplingInterval: Seconds;
  /** How many samples of each VM are kept. */
  readonly historySize: number;
  readonly hotplugTimeouts: HotplugTimeouts;
}

/** How long guests are waited for that are to take up memory or give it back. */
export interface HotplugTimeouts {
  /** Until a guest that was asked for a device counts as not answering. */
  readonly unplugTimeout: Milliseconds;
  /** How often it is asked at most before that is the outcome. */
  readonly unplugAttempts: number;
  /** Until a plugged device that does not show in the guest's own total counts as not online. */
  readonly onlineTimeout: Milliseconds;
}

/** What a VM has to tell without being asked; sizes in KiB. */
export type VmEvent =
  | { readonly kind: 'status'; readonly status: VmStatus }
  | { readonly kind: 'freshness'; readonly freshness: Freshness }
  | { readonly kind: 'balloon-change'; readonly current: KiB }
  | {
      readonly kind: 'device-added' | 'device-removed' | 'device-removal-failed';
      readonly alias: string;
      readonly size?: KiB;
    }
  | { readonly kind: 'memory-device-size-change'; readonly alias: string; readonly size: KiB }
  | { readonly kind: 'memory-job'; readonly job: MemoryJob; readonly change: MemoryChange };

/** One VM: its domain, where it is in its life, and what was sampled of it. */
export class Vm extends VmDomain {
  readonly queue: SerialQueue;
  readonly jobs: MemoryJobs;
  /** Why the statistics period is not the one wanted, for people; undefined where nothing is amiss. */
  statsPeriodProblem: string | undefined;
  readonly #parts: VmParts;
  #runState: RunState;
  #told: VmStatus | undefined;
  /** What the hypervisor told of this life before the start was through. */
  #meanwhile: RunState | undefined;
  readonly #samples: History;
  #freshnessTold: Freshness['state'] | undefined;
  #knownSince: Milliseconds;
  #startedAt: Milliseconds | undefined;

  constructor(parts: VmParts, xml: string, runState: RunState) {
    super(parts.hypervisor, xml);
    this.#parts = parts;
    this.#runState = runState;
    this.queue = new SerialQueue(parts.clock, parts.timeout);
    this.#samples = new History(parts.historySize);
    this.#knownSince = parts.clock.now();
    this.jobs = new MemoryJobs({
      clock: parts.clock,
      tell: (job, change) => {
        this.#audit(job, change);
        this.announce({ kind: 'memory-job', job, change });
      },
    });
    this.jobs.read(this.domain.metadata?.memoryJobs ?? '');
  }

  get hotplugTimeouts(): HotplugTimeouts {
    return this.#parts.hotplugTimeouts;
  }
  get samplingInterval(): Seconds {
    return this.#parts.samplingInterval;
  }
  get clock(): Clock {
    return this.#parts.clock;
  }
  get log(): Logger {
    return this.#parts.log;
  }
  /** What was sampled in this run. */
  get samples(): History {
    return this.#samples;
  }
  /** How far the guest's statistics can be trusted now. */
  get freshness(): Freshness {
    const { newest, reportSeenAt } = this.#samples;
    const { balloon } = this.domain;
    const seenFor = reportSeenAt === undefined ? 0 : (this.clock.now() - reportSeenAt) / 1000;
    return freshnessOf({
      seenFor: Seconds(seenFor),
      hasDevice: balloon !== undefined && balloon.model !== 'none',
      period: balloon?.statsPeriod ?? Seconds(0),
      isPaused: this.isPaused,
      lastUpdate: newest?.lastUpdate,
      hasValues: (newest?.available ?? newest?.unused ?? newest?.usable) !== undefined,
      now: this.clock.wallTime(),
      samplingInterval: this.#parts.samplingInterval,
    });
  }
  /** Where the VM's memory is, by the newest sample; the guest's part of it only while it is fresh. */
  get usage(): Usage {
    const { newest } = this.#samples;
    const autodeflate = this.domain.balloon?.autodeflate ?? false;
    const { current } = newest ?? {};
    const virtioMem = this.usableMemory - this.memory;
    const figures =
      current === undefined ? newest : { ...newest, current: KiB(current + virtioMem) };
    return usageOf(this.usableMemory, autodeflate, figures ?? {});
  }
  /** When the VM was seen to start, on the clock; unknown for a VM that ran before vmemd did. */
  get startedAt(): Milliseconds | undefined {
    return this.#startedAt;
  }
  /** When its hypervisor last answered for this VM; before the first answer, since when that is waited for. */
  get answeredAt(): Milliseconds {
    return this.#samples.newest?.at ?? this.#knownSince;
  }
  get status(): VmStatus {
    return statusAt(this.#runState, this.clock.now());
  }
  /** How the VM ended; undefined unless it is Down. */
  get exit(): Exit | undefined {
    return this.#runState.phase === 'down' ? this.#runState.exit : undefined;
  }
  get phase(): RunState['phase'] {
    return this.#runState.phase;
  }
  get isLaunching(): boolean {
    return this.phase === 'launching';
  }
  get isPaused(): boolean {
    return this.phase === 'paused';
  }
  /** Why the VM is paused, in VDSM's words (virt/vm.py); undefined while it is not. */
  get pauseCode(): 'NOERR' | 'EOTHER' | undefined {
    if (this.#runState.phase !== 'paused') return undefined;
    return this.#runState.byIoError ? 'EOTHER' : 'NOERR';
  }
  /** Whether there is a running or paused domain to act on. */
  get isAlive(): boolean {
    return this.phase === 'running' || this.phase === 'paused';
  }
  /** Throws VMIsDown unless there is a domain to act on. */
  requireAlive(): void {
    if (this.isAlive) return;
    const advice = this.isLaunching ? 'wait until it has started' : 'destroy it and create it anew';
    throw new VdsmError('VMIsDown', `the VM is ${this.status}; ${advice}`);
  }

  /** Moves on in life, and tells if clients now see another status. */
  enter(runState: RunState): void {
    this.#runState = runState;
    if (runState.phase === 'down') {
      this.#samples.clear();
      this.jobs.endAll('the VM has ended');
    }
    this.tell();
  }

  /** Moves on in life after a verb has done its work; a VM that has ended meanwhile stays Down. */
  become(runState: RunState): void {
    if (this.isAlive) this.enter(runState);
  }

  /** The VM's status for as long as its guest does what it was asked for; one that is paused does nothing. */
  pass(status: 'RebootInProgress' | 'Powering down'): void {
    if (this.phase === 'running') this.enter(passing(status, this.clock.now()));
  }

  /** Tells the status and the freshness that are not the ones last told: some end by themselves. */
  tell(): void {
    const { status } = this;
    if (status !== this.#told) {
      this.#told = status;
      this.announce({ kind: 'status', status });
    }
    if (!this.isAlive || !this.#samples.newest) return;
    const { freshness } = this;
    if (freshness.state === this.#freshnessTold) return;
    this.#freshnessTold = freshness.state;
    this.announce({ kind: 'freshness', freshness });
  }

  announce(news: VmEvent): void {
    this.#parts.announce(this, news);
  }

  /** Enters the life of a VM whose start has just succeeded, or that has ended since. */
  launched(isPaused: boolean): void {
    this.#begin();
    this.forgetDeviceChanges();
    const runState: RunState =
      isPaused ? { phase: 'paused' } : passing('Powering up', this.clock.now());
    this.enter(this.#meanwhile?.phase === 'down' ? this.#meanwhile : runState);
  }

  /** Takes in that the start has failed; one that was given up too early may have come to pass all the same. */
  failedToLaunch(message: string): void {
    this.#begin();
    const meanwhile = this.#meanwhile;
    const runs = meanwhile !== undefined && meanwhile.phase !== 'down';
    this.enter(runs ? meanwhile : { phase: 'down', exit: exits.failedStart(message) });
  }

  /** Takes a lifecycle event in. */
  observe({ event, detail }: Extract<HostEvent, { kind: 'lifecycle' }>): void {
    const before = (this.isLaunching && this.#meanwhile) || this.#runState;
    const next = runStateAfter(before, event, detail, this.clock.now());
    if (this.isLaunching) {
      this.#meanwhile = next ?? this.#meanwhile;
      return;
    }
    if (beginsRun(event, detail)) this.#begin();
    if (next) this.enter(next);
  }

  /** Takes a new sample in. */
  record(sample: BalloonSample): void {
    if (!this.isAlive) return;
    const { current } = sample;
    const held = current === undefined ? {} : { balloonHeld: heldOf(this.memory, current) };
    this.#samples.push({ ...sample, ...held, at: this.clock.now() });
    if (sample.lastUpdate) this.#runState = afterReport(this.#runState);
    this.tell();
  }

  /** Takes the balloon's new size in, between two samples. */
  recordBalloon(current: KiB): void {
    this.#samples.correctBalloon(current, heldOf(this.memory, current));
    this.announce({ kind: 'balloon-change', current });
  }

  /** Reads the domain again; where its memory has changed, so has the size that the balloon leaves. */
  override async refresh(bound?: CallOptions): Promise<void> {
    const { memory, domain } = this;
    await super.refresh(bound);
    if (isAnotherRun(domain, this.domain)) {
      this.#begin();
      await this.reread(bound);
      return;
    }
    if (this.memory === memory) return;
    const current = balloonCurrent(this.domain);
    this.#samples.correctBalloon(current, heldOf(this.memory, current));
  }

  /** Who asked for what, and how that ended, for those who read logs. */
  #audit({ id, flowId }: MemoryJob, change: MemoryChange): void {
    const { action, alias, state, attempts, message } = change;
    const facts = {
      event: 'memory_job',
      flow_id: flowId,
      vmId: this.id,
      job_id: id,
      action,
      alias,
    };
    this.log[isTrouble(change) ? 'warn' : 'info'](
      { ...facts, state, size_mib: floorMiB(change.size), attempts, reason: message },
      `${action} of a memory device: ${state}`,
    );
  }

  /** A new run of the domain begins. */
  #begin(): void {
    this.#startedAt = this.#knownSince = this.clock.now();
    this.#samples.clear();
    this.jobs.clear();
    this.#freshnessTold = undefined;
  }
}

/** Whether a run has ended and another begun, which events told nothing of. */
const isAnotherRun = (before: Domain, now: Domain): boolean =>
  before.run !== undefined && now.run !== undefined && before.run !== now.run;
