import type { Clock } from '../common/clock.ts';
import { VdsmError } from '../common/errors.ts';
import { KiB, type Milliseconds, Seconds } from '../common/units.ts';
import type { BalloonSample, CallOptions, HostEvent } from '../host/hypervisor.ts';
import { balloonCurrent } from '../memory/balloon.ts';
import { type Freshness, freshnessOf } from '../memory/freshness.ts';
import type { DeviceStep, Operation } from '../memory/operation.ts';
import { heldOf, type Usage, usageOf } from '../memory/usage.ts';
import { changeOf, isTrouble, type MemoryChange } from '../memory/wireState.ts';
import { History } from './history.ts';
import { type Beginning, RecordedDomain, type RecordedDomainParts } from './recordedDomain.ts';
import { SerialQueue } from './serialQueue.ts';
import {
  afterReport,
  beginsRun,
  continuesRecord,
  type Exit,
  exits,
  passing,
  type RunState,
  runStateAfter,
  statusAt,
  type VmStatus,
} from './status.ts';
import { Timers } from './timers.ts';
import type { VmEvent } from './vmEvent.ts';

/** What every VM works with. */
export interface VmParts extends RecordedDomainParts {
  /** How long one operation on a VM may take, waiting for its turn included. */
  readonly timeout: Milliseconds;
  /** Called whenever what clients see of the VM has changed. */
  readonly emit: (vm: Vm, event: VmEvent) => void;
  readonly samplingInterval: Seconds;
  /** How many samples of each VM are kept. */
  readonly historySize: number;
  readonly hotplugTimeouts: HotplugTimeouts;
}

/** How long guests may take to use plugged memory, or to give memory back. */
export interface HotplugTimeouts {
  /** Until a guest that was asked for a device counts as not answering. */
  readonly unplugTimeout: Milliseconds;
  /** How often it is asked at most. */
  readonly unplugAttempts: number;
  /** Until a plugged device that the guest's own total does not show counts as not online. */
  readonly onlineTimeout: Milliseconds;
}

/** One VM: its domain, its run state, its samples and its memory operations. */
export class Vm extends RecordedDomain {
  readonly queue: SerialQueue;
  /** Deadlines of steps. */
  readonly timers: Timers;
  /** Why the statistics period is not the one wanted, for people; undefined where nothing is amiss. */
  statsPeriodProblem: string | undefined;
  readonly #parts: VmParts;
  #runState: RunState;
  #reported: VmStatus | undefined;
  /** What the hypervisor told of this life before the start was through. */
  #meanwhile: RunState | undefined;
  readonly #samples: History;
  #freshnessReported: Freshness['state'] | undefined;
  #knownSince: Milliseconds;
  #startedAt: Milliseconds | undefined;
  #isClosed = false;

  constructor(parts: VmParts, xml: string, runState: RunState) {
    super(parts, xml);
    this.#parts = parts;
    this.#runState = runState;
    this.queue = new SerialQueue(parts.clock, parts.timeout);
    this.#samples = new History(parts.historySize);
    this.#knownSince = parts.clock.now();
    this.timers = new Timers(parts.clock);
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
    if (runState.phase === 'down') this.#end(runState.exit);
    this.report();
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
  report(): void {
    const { status } = this;
    if (status !== this.#reported) {
      this.#reported = status;
      this.emit({ kind: 'status', status });
    }
    if (!this.isAlive || !this.#samples.newest) return;
    const { freshness } = this;
    if (freshness.state === this.#freshnessReported) return;
    this.#freshnessReported = freshness.state;
    this.emit({ kind: 'freshness', freshness });
  }

  emit(event: VmEvent): void {
    if (!this.#isClosed) this.#parts.emit(this, event);
  }

  /** Stops timers and ends waits; the VM itself runs on. */
  stop(): void {
    this.operations.endWaits();
    this.timers.clear();
  }

  /** Stops for good: operations that still run set no timers and raise no events. */
  close(): void {
    this.#isClosed = true;
    this.operations.endWaits();
    this.timers.close();
  }

  /** Enters the life of a VM whose start has just succeeded, or that has ended since. */
  launched(isPaused: boolean): void {
    this.beginRun();
    this.acknowledgeDevices();
    const runState: RunState =
      isPaused ? { phase: 'paused' } : passing('Powering up', this.clock.now());
    this.enter(this.#meanwhile?.phase === 'down' ? this.#meanwhile : runState);
  }

  /** Takes in that the start has failed; one that was given up too early may have come to pass all the same. */
  failedToLaunch(message: string): void {
    this.beginRun();
    const meanwhile = this.#meanwhile;
    const runs = meanwhile !== undefined && meanwhile.phase !== 'down';
    this.enter(runs ? meanwhile : { phase: 'down', exit: exits.failedStart(message) });
  }

  /** Follows a lifecycle event. */
  observe({ event, detail }: Extract<HostEvent, { kind: 'lifecycle' }>): void {
    const before = (this.isLaunching && this.#meanwhile) || this.#runState;
    const next = runStateAfter(before, event, detail, this.clock.now());
    if (this.isLaunching) {
      this.#meanwhile = next ?? this.#meanwhile;
      return;
    }
    if (beginsRun(event, detail)) {
      this.beginRun(continuesRecord(detail) ? 'restored' : 'anew');
    }
    if (next) this.enter(next);
  }

  /** Records a new sample. */
  recordSample(sample: BalloonSample): void {
    if (!this.isAlive) return;
    const { current } = sample;
    const held = current === undefined ? {} : { balloonHeld: heldOf(this.memory, current) };
    this.#samples.push({ ...sample, ...held, at: this.clock.now() });
    if (sample.lastUpdate) this.#runState = afterReport(this.#runState);
    this.report();
  }

  /** Records the balloon's new size, between two samples. */
  recordBalloon(current: KiB): void {
    this.#samples.correctBalloon(current, heldOf(this.memory, current));
    this.emit({ kind: 'balloon-change', current });
  }

  /** Reads the domain; the balloon's size follows a change of memory. */
  override async read(options?: CallOptions): Promise<void> {
    const { memory } = this;
    await super.read(options);
    if (this.memory === memory) return;
    const current = balloonCurrent(this.domain);
    this.#samples.correctBalloon(current, heldOf(this.memory, current));
  }

  /** Reports a device step that has another state, once its device has an alias. */
  protected override reportStep(operation: Operation, step: DeviceStep): void {
    const change = changeOf(step);
    if (!change) return;
    this.#audit(operation, change);
    this.emit({ kind: 'memory-job', operation, change });
  }

  /** Writes the audit line of a change. */
  #audit({ id, flowId }: Operation, change: MemoryChange): void {
    const { action, alias, state, size_mib, attempts, message } = change;
    const facts = {
      event: 'memory_job',
      flow_id: flowId,
      vmId: this.id,
      job_id: id,
      action,
      alias,
    };
    this.log[isTrouble(change) ? 'warn' : 'info'](
      { ...facts, state, size_mib, attempts, reason: message },
      `${action} of a memory device: ${state}`,
    );
  }

  /** Another run of the domain begins: nothing that is known of the guest holds for it. */
  protected override beginRun(beginning?: Beginning): void {
    super.beginRun(beginning);
    this.#startedAt = this.#knownSince = this.clock.now();
    this.#samples.clear();
    this.timers.clear();
    this.#freshnessReported = undefined;
  }

  /** Ends the run: a saved guest goes on with its operations when it is restored, those of any other one fail. */
  #end({ reason }: Exit): void {
    this.#samples.clear();
    this.timers.clear();
    if (reason === exits.saved.reason || reason === exits.migrated.reason) {
      this.operations.endWaits();
    } else {
      this.operations.endAll('the VM has ended');
    }
  }
}
