import type { Logger } from 'pino';
import type { Clock } from '../common/clock.ts';
import { floorMiB, type Seconds } from '../common/units.ts';
import type { Domain, MemoryDevice } from '../domain-xml/types.ts';
import type { CallOptions } from '../host/hypervisor.ts';
import { carriedTarget } from '../memory/balloon.ts';
import { type DeviceState, stateAfterPlug } from '../memory/deviceState.ts';
import { goneDevices } from '../memory/goneDevices.ts';
import type { DeviceStep, Operation } from '../memory/operation.ts';
import { providedMemory } from '../memory/virtioMem.ts';
import { MemoryRecord } from './record/memoryRecord.ts';
import { Promises } from './record/promises.ts';
import type { Found } from './record/revision.ts';
import { isNewer, parse } from './record/stored.ts';
import { VmDomain, type VmDomainParts } from './vmDomain.ts';

export interface RecordedDomainParts extends VmDomainParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Names this process in the records that it writes into metadata. */
  readonly writer: string;
}

/** How a run begins: a restored guest continues with its devices and its operations. */
export type Beginning = 'anew' | 'restored';

/** A domain with the record of its memory operations, which is kept in its metadata. */
export abstract class RecordedDomain extends VmDomain {
  readonly log: Logger;
  readonly operations: MemoryRecord;
  /** The record that {@link isRecordNewer} has read last: it is asked at each sample. */
  #judged = { text: '', isNewer: false };
  readonly #promises = new Promises();
  #devices: readonly MemoryDevice[];
  /** How the present run began; undefined after its first read. */
  #beginning: Beginning | undefined;

  constructor(parts: RecordedDomainParts, xml: string) {
    super(parts, xml);
    const { clock, log, writer } = parts;
    this.log = log;
    this.#devices = this.domain.memoryDevices;
    this.operations = new MemoryRecord({
      clock,
      writer,
      memory: () => floorMiB(providedMemory(this.domain)),
      onChange: (operation, step) => {
        this.reportStep(operation, step);
      },
    });
    this.operations.resume(this.#storedRecord);
    this.#adjustBaseline();
  }

  /** Takes from the guest's stored total the devices that went while vmemd was down, as later totals lack them. */
  #adjustBaseline(): void {
    const { operations, boot, baseline } = this.operations;
    const gone = goneDevices(operations, this.domain.memoryDevices);
    const inState = (state: DeviceState) =>
      gone.filter((step) => stateAfterPlug(step, boot) === state);
    if (inState('plugged').length > 0) baseline.set(undefined);
    const used = inState('guest-online').reduce((sum, { size }) => sum + size, 0);
    baseline.adjust(-used, gone.length > 0);
  }

  /** Whether its memory record is of a later vmemd, which knows what else belongs to it: nothing is changed then. */
  get isRecordNewer(): boolean {
    const text = this.#storedRecord;
    if (text !== this.#judged.text) this.#judged = { text, isNewer: isNewer(text) };
    return this.#judged.isNewer;
  }
  override get isReadOnly(): boolean {
    return super.isReadOnly || this.isRecordNewer;
  }

  /** Reports a device step that has another state. */
  protected abstract reportStep(operation: Operation, step: DeviceStep): void;

  /** The memory devices that were last reported to clients. */
  get reportedDevices(): readonly MemoryDevice[] {
    return this.#devices;
  }
  /** Records that clients know the devices as they are now. */
  acknowledgeDevices(): void {
    this.#devices = this.domain.memoryDevices;
  }

  /** Begins another run, now if `isSeen`; given how it begins, the next read of the domain completes this. */
  protected beginRun(beginning?: Beginning, isSeen = true): void {
    this.#beginning = beginning;
    if (beginning === 'restored') this.operations.countRestore(isSeen);
    else this.operations.clear(isSeen);
  }

  /** Reads the domain; detects another run, and merges what other programs wrote. */
  override async read(options?: CallOptions): Promise<void> {
    const { memory, domain, balloonTarget, promised } = this;
    const period = domain.metadata?.memStatsPeriod;
    await super.read(options);
    if (this.#beginning === undefined && isAnotherRun(domain, this.domain)) {
      // Only live metadata have a record: a run that has one goes on where a saved one ended.
      this.beginRun(hasOperations(this.#storedRecord) ? 'restored' : 'anew', false);
    }
    if (this.#beginning === undefined) this.#reconcile({ memory, balloonTarget, promised, period });
    else this.#readRun(this.#beginning);
  }

  /** Writes the record and all metadata that are in force, and remembers the values that clients rely on. */
  async writeRecord(options?: CallOptions): Promise<void> {
    const promised = this.unwritten;
    await this.writeMetadata({ memoryJobs: this.operations.next() }, options);
    this.operations.written();
    this.#promises.note(promised, this.operations.revision);
  }

  get #storedRecord(): string {
    return this.domain.metadata?.memoryJobs ?? '';
  }

  #readRun(beginning: Beginning): void {
    this.#beginning = undefined;
    this.#promises.forget();
    if (beginning === 'restored') {
      this.operations.resume(this.#storedRecord);
    } else {
      this.operations.startRun(this.#storedRecord);
      this.startRun();
    }
    this.acknowledgeDevices();
  }

  /** Merges another program's record, and restores the values that it overwrote without having read them. */
  #reconcile(before: Before): void {
    const found = this.operations.reconcile(this.#storedRecord);
    if (found?.isFailedWrite || found?.isLate) this.#takeBack(before, found);
    else if (found) this.#restore(found);
    this.#promises.forgetReplaced(this.domain.metadata ?? {});
  }

  #restore(found: Found): void {
    if (this.isReadOnly) return;
    const overwritten = this.#promises.since(found.seen);
    this.intend(overwritten);
    this.log.warn(
      { vmId: this.id, restored: Object.keys(overwritten) },
      "another program has written this VM's memory record; both are merged",
    );
  }

  /** Restores the values from before a write that was reported as failed but took effect, or took effect late. */
  #takeBack(before: Before, { seen, isLate }: Found): void {
    // A write that takes effect late can replace a newer period, which is kept nowhere else.
    const memStatsPeriod = isLate ? before.period : this.#promises.since(seen).memStatsPeriod;
    if (memStatsPeriod !== undefined) this.intend({ memStatsPeriod });
    const target = carriedTarget(before.balloonTarget, before.memory, this);
    if (this.balloonTarget !== target) this.intend({ balloonTarget: target });
    // A guarantee cannot be removed: where there was none, the new one stays.
    if (this.promised === before.promised || before.promised === undefined) return;
    this.intend({ memGuaranteedSize: floorMiB(before.promised) });
  }
}

/** What is in force before a domain is read. */
interface Before extends Pick<VmDomain, 'memory' | 'balloonTarget' | 'promised'> {
  readonly period: Seconds | undefined;
}

const hasOperations = (text: string): boolean => (parse(text)?.operations.length ?? 0) > 0;

/** Returns whether another run has begun, whose events were missed. */
const isAnotherRun = (before: Domain, now: Domain): boolean =>
  before.run !== undefined && now.run !== undefined && before.run !== now.run;
