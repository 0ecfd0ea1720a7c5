import { type ErrorName, VdsmError } from '../common/errors.ts';
import { Milliseconds } from '../common/units.ts';
import type { BalloonSample, HostEvent } from '../host/hypervisor.ts';
import type { DeviceStep, Operation } from '../memory/operation.ts';
import { changeOf, isTrouble, type MemoryChange } from '../memory/wireState.ts';
import { BalloonWatch } from './balloonWatch.ts';
import type { Beginning } from './recordedDomain.ts';
import { SampledDomain, type SampledDomainParts } from './sampledDomain.ts';
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

/** What every VM is made of: its dependencies and settings. */
export interface VmParts extends SampledDomainParts {
  /** How long one operation on a VM may take, including the wait for its turn. */
  readonly timeout: Milliseconds;
  /** Called whenever a value that clients see has changed. */
  readonly emit: (vm: Vm, event: VmEvent) => void;
  readonly hotplugTimeouts: HotplugTimeouts;
}

/** Deadlines for guests that use plugged memory or release memory. */
export interface HotplugTimeouts {
  /** Until an unplug that the guest has not completed counts as timed out. */
  readonly unplugTimeout: Milliseconds;
  /** How often an unplug is sent at most. */
  readonly unplugAttempts: number;
  /** Until a plugged device that the guest's total does not include counts as not online. */
  readonly onlineTimeout: Milliseconds;
}

/** Why a VM that hangs gets no call, and what to do. */
export const HUNG =
  'the VM does not answer libvirt: its QEMU is stopped or hangs; look at its storage and its process, or destroy it';

/** One VM: its domain, its run state, its samples and its memory operations. */
export class Vm extends SampledDomain {
  readonly queue: SerialQueue;
  readonly balloonWatch = new BalloonWatch(this);
  /** Deadlines of steps. */
  readonly timers: Timers;
  /** Why the statistics period could not be set, as a text for users; undefined if it was. */
  statsPeriodProblem: string | undefined;
  readonly #parts: VmParts;
  #runState: RunState;
  #reported: VmStatus | undefined;
  /** The run state by events that arrived before the start had ended. */
  #meanwhile: RunState | undefined;
  #startedAt: Milliseconds | undefined;
  #isClosed = false;

  constructor(parts: VmParts, xml: string, runState: RunState) {
    super(parts, xml);
    this.#parts = parts;
    this.#runState = runState;
    this.queue = new SerialQueue(parts.clock, parts.timeout);
    this.#startedAt = this.#storedStart();
    this.timers = new Timers(parts.clock);
  }

  get hotplugTimeouts(): HotplugTimeouts {
    return this.#parts.hotplugTimeouts;
  }
  /** When the VM was seen to start, on the clock, by this vmemd or one before; undefined for a VM found running. */
  get startedAt(): Milliseconds | undefined {
    return this.#startedAt;
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
  /** Why the VM is paused, as VDSM's code (virt/vm.py); undefined unless it is. */
  get pauseCode(): 'NOERR' | 'EOTHER' | undefined {
    if (this.#runState.phase !== 'paused') return undefined;
    return this.#runState.byIoError ? 'EOTHER' : 'NOERR';
  }
  /** Whether there is a running or paused domain to act on. */
  get isAlive(): boolean {
    return this.phase === 'running' || this.phase === 'paused';
  }
  /** Whether its QEMU hangs; undefined while that is unknown. */
  get isHung(): boolean | undefined {
    const { hungDomains, silentDomains, isConnected } = this.hypervisor;
    if (!isConnected || !this.isAlive) return undefined;
    if (hungDomains.has(this.id)) return true;
    return silentDomains.has(this.id) ? undefined : false;
  }
  /** Throws the error of this name, which differs from verb to verb as in VDSM, unless there is a domain to act on. */
  requireAlive(name: ErrorName = 'VMIsDown'): void {
    if (this.isAlive) return;
    const advice = this.isLaunching ? 'wait until it has started' : 'destroy it and create it anew';
    throw new VdsmError(name, `the VM is ${this.status}; ${advice}`, { isWhole: true });
  }

  /** As {@link requireAlive}, and throws the error for a VM whose QEMU is known to hang. */
  requireAnswering(name: ErrorName): void {
    this.requireAlive(name);
    if (this.isHung === true) throw new VdsmError(name, HUNG);
  }

  /** Enters a run state, and emits an event if the status has changed. */
  enter(runState: RunState): void {
    this.#runState = runState;
    if (runState.phase === 'down') this.#end(runState.exit);
    this.report();
  }

  /** Enters a run state after a verb; a VM that has ended meanwhile stays Down. */
  become(runState: RunState): void {
    if (this.isAlive) this.enter(runState);
  }

  /** Shows a passing status while the guest reboots or powers down; not for a paused VM, whose guest does nothing. */
  pass(status: 'RebootInProgress' | 'Powering down'): void {
    if (this.phase === 'running') this.enter(passing(status, this.clock.now()));
  }

  /** Emits the status and the freshness if they have changed since they were last emitted; some change with time. */
  report(): void {
    const { status } = this;
    if (status !== this.#reported) {
      this.#reported = status;
      this.emit({ kind: 'status', status });
    }
    if (this.isAlive) this.reportFreshness();
  }

  emit(event: VmEvent): void {
    if (!this.#isClosed) this.#parts.emit(this, event);
  }

  /** Stops timers and ends waits; the VM keeps running. */
  stop(): void {
    this.operations.endWaits();
    this.timers.clear();
  }

  /** Stops for good: operations that still run start no timers and emit no events. */
  close(): void {
    this.#isClosed = true;
    this.operations.endWaits();
    this.timers.close();
  }

  /** Enters the run state after a successful start; a VM that has ended since is Down. */
  launched(isPaused: boolean): void {
    this.beginRun();
    this.acknowledgeDevices();
    const runState: RunState =
      isPaused ? { phase: 'paused' } : passing('Powering up', this.clock.now());
    this.enter(this.#meanwhile?.phase === 'down' ? this.#meanwhile : runState);
  }

  /** Enters Down after a failed start, unless events show that the domain has started after all. */
  failedToLaunch(message: string): void {
    this.beginRun();
    const meanwhile = this.#meanwhile;
    const runs = meanwhile !== undefined && meanwhile.phase !== 'down';
    this.enter(runs ? meanwhile : { phase: 'down', exit: exits.failedStart(message) });
  }

  /** Enters the run state after a lifecycle event; a late one of the start of this run changes nothing. */
  observe({ event, detail, run }: Extract<HostEvent, { kind: 'lifecycle' }>): void {
    const isKnown = run !== undefined && run === this.domain.run;
    if (beginsRun(event, detail) && this.isAlive && isKnown) return;
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

  /** Records a new sample; `askedAt`: when the hypervisor was asked for it, on the clock. */
  recordSample(sample: BalloonSample, askedAt: Milliseconds): void {
    if (!this.isAlive) return;
    this.addSample(sample, askedAt);
    if (this.samples.newest?.lastUpdate) this.#runState = afterReport(this.#runState);
    this.report();
  }

  /** Begins another boot of the guest in the same run: what is known from the former one no longer holds. */
  beginBoot(): void {
    this.operations.countBoot();
    this.balloonWatch.begin();
    this.endBoot();
  }

  /** Logs and emits the new state of a device step, once its device has an alias. */
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

  /** Begins a new run: samples and timers of the one before are dropped. */
  protected override beginRun(beginning?: Beginning, isSeen = true): void {
    super.beginRun(beginning, isSeen);
    this.#startedAt = isSeen ? this.clock.now() : undefined;
    this.timers.clear();
    this.balloonWatch.begin();
  }

  /** When the run started by its record, on the clock; undefined if unknown, or if the wall clock was set back since. */
  #storedStart(): Milliseconds | undefined {
    const { times, now } = this.operations;
    const { startedAt } = times;
    if (startedAt === undefined || startedAt > now) return undefined;
    return Milliseconds(this.clock.now() - (now - startedAt));
  }

  /** Ends the run: operations of a saved or migrated guest continue when it is restored; any others fail. */
  #end({ reason }: Exit): void {
    this.samples.clear();
    this.timers.clear();
    if (reason === exits.saved.reason || reason === exits.migrated.reason) {
      this.operations.endWaits();
    } else {
      this.operations.endAll('the VM has ended');
    }
  }
}
