import { randomBytes } from 'node:crypto';
import type { Clock } from '../../common/clock.ts';
import { wallMilliseconds } from '../../common/time.ts';
import type { MiB, Milliseconds } from '../../common/units.ts';
import type { MemoryDevice } from '../../domain-xml/types.ts';
import {
  applied,
  claimed,
  hasJustEnded,
  identified,
  keepingNextGuarantee,
} from '../../memory/apply.ts';
import { begin, type NewStep } from '../../memory/begin.ts';
import type { OperationLog } from '../../memory/deviceState.ts';
import {
  type DeviceStep,
  isDeviceStep,
  type Operation,
  type Placed,
  type Step,
} from '../../memory/operation.ts';
import { worthKeeping } from '../../memory/prune.ts';
import { type Detail, type Fact, isOpen } from '../../memory/transition.ts';
import { jobState } from '../../memory/wireState.ts';
import { EventQueue } from './eventQueue.ts';
import { OnlineBaseline } from './onlineBaseline.ts';
import { type Found, Revision } from './revision.ts';
import { parse, textOf } from './stored.ts';
import { canonicalText } from './canonicalText.ts';
import type { Content, Stored } from './content.ts';
import { merge } from './merge.ts';
import { beginningNow, type RunTimes, timesOf } from './runTimes.ts';
import { Waiters } from './waiters.ts';

/** What is known of a request when its operation begins. */
export type Request = Pick<
  Operation,
  'action' | 'flowId' | 'requested' | 'expected' | 'guaranteed'
>;

/** Names one step. */
export interface StepRef {
  readonly id: string;
  readonly index: number;
}

export interface MemoryRecordOptions {
  readonly clock: Clock;
  /** Names this process in the records that it writes. */
  readonly writer: string;
  /** The memory that the VM has. */
  readonly memory: () => MiB;
  /** Called for each device step that has another state. */
  readonly onChange: (operation: Operation, step: DeviceStep) => void;
}

/** The memory operations of one run of a VM, oldest first, as memory has them and as the metadata keep them. */
export class MemoryRecord implements OperationLog {
  readonly #options: MemoryRecordOptions;
  readonly #waiters = new Waiters();
  #isStopping = false;
  readonly #events = new EventQueue();
  readonly #revision: Revision;
  /** Operations that another process began and this one carries on. */
  readonly #adopted = new Set<string>();
  #operations: readonly Operation[] = [];
  #boot = 0;
  #times: RunTimes = {};
  #published: OperationLog | undefined;
  readonly baseline: OnlineBaseline;

  constructor(options: MemoryRecordOptions) {
    this.#options = options;
    this.#revision = new Revision(options.writer);
    this.baseline = new OnlineBaseline(options.clock);
  }

  get operations(): readonly Operation[] {
    return this.#operations;
  }
  get boot(): number {
    return this.#boot;
  }
  get times(): RunTimes {
    return this.#times;
  }
  /** The number of the newest record known. */
  get revision(): number {
    return this.#revision.number;
  }
  /** The operations as clients see them: while {@link deferEvents} runs, those from before it. */
  get published(): OperationLog {
    return this.#published ?? this;
  }
  /** Milliseconds since 1970. */
  get now(): Milliseconds {
    return wallMilliseconds(this.#options.clock);
  }

  get(id: string): Operation | undefined {
    return this.#operations.find((operation) => operation.id === id);
  }
  step({ id, index }: StepRef): Step | undefined {
    return this.get(id)?.steps[index];
  }
  /** Whether this process runs the operation; it observes those of others, and sends nothing for them. */
  isOwn(id: string): boolean {
    return this.#adopted.has(id) || this.get(id)?.writer === this.#options.writer;
  }

  /** The open steps of this process's operations, oldest first. */
  get openSteps(): Placed[] {
    return openStepsOf(this.#operations.filter(({ id }) => this.isOwn(id)));
  }

  /** Begins an operation, of which nothing is sent yet; `steps` can name devices after its id. */
  begin(request: Request, steps: (id: string) => readonly NewStep[]): Operation {
    const id = randomBytes(4).toString('hex');
    const { operations, operation, replaced } = begin(
      this.#operations,
      { id, writer: this.#options.writer, startedAt: this.now, ...request },
      steps(id),
    );
    this.#operations = operations;
    for (const { operation: older, index } of replaced)
      this.#follow(older, { id: older.id, index });
    return operation;
  }

  /** Applies a fact to a step; throws Error for an illegal transition. */
  apply(ref: StepRef, fact: Fact, detail?: Detail): void {
    const before = this.get(ref.id);
    if (!before) return;
    const sent = fact === 'send' ? { sentAt: this.now, boot: this.#boot } : {};
    this.#replace(ref.id, (operation) =>
      applied(operation, ref.index, fact, { ...sent, ...detail }),
    );
    this.#follow(before, ref);
  }

  /** Applies a fact that became known while the step may have ended otherwise; nothing then. */
  conclude(ref: StepRef, fact: Fact, detail?: Detail): void {
    const step = this.step(ref);
    if (step && isOpen(step)) this.apply(ref, fact, detail);
  }

  /** Carries on with an operation of another process, which does not run it any more. */
  takeOver(id: string): void {
    this.#adopted.add(id);
  }

  /** Records which device a step has plugged, which no other operation takes for its own from now on. */
  identify({ id, index }: StepRef, device: MemoryDevice & { readonly alias: string }): void {
    const before = this.step({ id, index });
    const wasNamed = before?.kind === 'plug' && before.alias !== undefined;
    this.#operations = claimed(this.#operations, { id, index }, device);
    const operation = this.get(id);
    const step = operation?.steps[index];
    // The step was hidden while its device had no alias.
    if (operation && step?.kind === 'plug' && !wasNamed) this.#notify(operation, step);
  }

  /** Records that this boot of the guest is seen to use the device that a step has plugged. */
  markUsed({ id, index }: StepRef): void {
    this.#replace(id, (operation) => identified(operation, index, { usedInBoot: this.#boot }));
  }

  /** Makes all open steps of these kinds keep the next run's guarantee. */
  keepNextGuarantee(...kinds: readonly ('next-run' | 'guarantee')[]): void {
    this.#operations = this.#operations.map((one) => keepingNextGuarantee(one, kinds));
  }

  /** Ends all open steps as failed: the run is over. */
  endAll(message: string): void {
    for (const { operation, index } of openStepsOf(this.#operations)) {
      this.conclude({ id: operation.id, index }, 'run-ended', { message });
    }
  }

  /** Another boot of the guest begins, in the same run: what the former one did with devices no longer holds. */
  countBoot(): void {
    if (this.#operations.length > 0) this.#boot += 1;
    this.#times = { ...this.#times, reportsSince: this.now };
    this.baseline.restart();
  }

  /** Another process runs the guest, which continues as it was saved; `isSeen`: from now on. */
  countRestore(isSeen: boolean): void {
    this.endWaits();
    this.#times = beginningNow(this.now, isSeen);
  }

  /** Ends all operations and forgets them, as another run begins; `isSeen`: it begins now. */
  clear(isSeen: boolean): void {
    this.#times = beginningNow(this.now, isSeen);
    this.endAll('the VM has begun another run');
    this.endWaits();
    this.startRun('');
  }

  /** Starts without operations in a run whose metadata have that text. */
  startRun(text: string): void {
    this.#operations = [];
    this.#adopted.clear();
    this.#boot = 0;
    this.baseline.set(undefined);
    this.#revision.resume(text);
  }

  /** Resolves with the operation once no device step of it is open; undefined if there is no such operation. */
  ended(id: string): Promise<Operation | undefined> {
    const operation = this.get(id);
    const isOver = !operation || jobState(operation) !== 'running';
    return isOver || this.#isStopping ? Promise.resolve(operation) : this.#waiters.wait(id);
  }

  /** Resolves all waits with the operations as they stand. */
  endWaits(): void {
    for (const operation of this.#operations) this.#waiters.end(operation);
  }

  /** Resolves all waits as {@link endWaits} does, and those that begin later. */
  stopWaits(): void {
    this.#isStopping = true;
    this.endWaits();
  }

  /** Defers events raised during `work`, so that listeners see persisted state. */
  async deferEvents<T>(work: () => Promise<T>): Promise<T> {
    const isOuter = this.#published === undefined;
    if (isOuter) this.#published = { operations: this.#operations, boot: this.#boot };
    try {
      return await work();
    } finally {
      if (isOuter) {
        this.#published = undefined;
        this.#events.release();
      }
    }
  }

  /** Runs `change`; the returned function undoes what it recorded, events included, and nothing recorded since. */
  during(change: () => void): () => void {
    const [before, total] = [this.#operations, this.baseline.total];
    const dropEvents = this.#events.during(change);
    const [after, newTotal] = [this.#operations, this.baseline.total];
    return () => {
      this.#operations = undone(this.#operations, before, after);
      if (this.baseline.total === newTotal) this.baseline.set(total);
      dropEvents();
    };
  }

  /** Continues with the record that the metadata keep from before a restart. */
  resume(text: string): void {
    this.startRun(text);
    const stored = parse(text);
    if (!stored) return;
    this.#operations = stored.operations;
    for (const { id } of stored.operations) this.#adopted.add(id);
    this.#boot = stored.boot;
    // A run that was seen to begin is newer than the record that it continues.
    if (this.#times.reportsSince === undefined) this.#times = timesOf(stored);
    this.baseline.resume(stored.baseline);
  }

  /**
   * Compares the record in the metadata, as just read, with this one; operations that another process recorded are
   * merged. Returns what was found if the metadata do not have the record that was written last.
   */
  reconcile(text: string): Found | undefined {
    const found = this.#revision.compare(text);
    if (found?.theirs) this.#merge(found.theirs, found.isLate === true);
    return found;
  }

  /** Forgets the operations that are not worth keeping; `aliases` are those of the domain's devices. */
  prune(aliases: ReadonlySet<string>): void {
    this.#operations = worthKeeping(this.#operations, aliases);
  }

  /** Whether the metadata lack what this record has. */
  get isUnsaved(): boolean {
    return this.#revision.differs(textOf(this.#content));
  }

  /** The text of the next revision. */
  next(): string {
    return this.#revision.next(textOf(this.#content));
  }

  /** Records that the text of {@link next} was written. */
  written(): void {
    this.#revision.written();
  }

  #merge(theirs: Stored, isLate: boolean): void {
    const before = this.#operations;
    const { writer } = this.#options;
    // A late text has not forgotten what is newer than it, and still has what was forgotten since.
    const ours = isLate ? before : withoutForgotten(before, theirs.operations, theirs.writer);
    const forgetful = isLate ? [writer, theirs.writer] : [writer];
    const others = forgetful.reduce(
      (rest, one) => withoutForgotten(rest, before, one),
      theirs.operations,
    );
    const { operations, boot, baseline, startedAt, reportsSince } = merge(
      { ...this.#content, operations: ours },
      { ...theirs, operations: others },
    );
    this.#operations = operations;
    this.#boot = boot;
    this.#times = { startedAt, reportsSince };
    if (canonicalText(baseline) !== canonicalText(this.baseline.total)) {
      this.baseline.resume(baseline);
    }
    for (const operation of before) {
      operation.steps.forEach((step, index) => {
        const ref = { id: operation.id, index };
        if (this.step(ref)?.state !== step.state) this.#follow(operation, ref);
      });
    }
  }

  get #content(): Content {
    const [boot, operations, baseline] = [this.#boot, this.#operations, this.baseline.total];
    return { ...this.#times, boot, operations, baseline };
  }

  #replace(id: string, change: (operation: Operation) => Operation): void {
    this.#operations = this.#operations.map((one) => (one.id === id ? change(one) : one));
  }

  /** Notes the operation's end and queues the event after a step may have changed. */
  #follow(before: Operation, { id, index }: StepRef): void {
    const after = this.get(id);
    const step = after?.steps[index];
    if (!after || !step) return;
    const ends = hasJustEnded(before, after);
    if (ends) {
      const end = { endedAt: this.now, reached: this.#options.memory() };
      this.#replace(id, (operation) => ({ ...end, ...operation }));
    }
    if (isDeviceStep(step) && step.state !== before.steps[index]?.state) {
      this.#notify(this.get(id) ?? after, step);
    }
    if (ends) {
      this.#push(() => {
        this.#waiters.end(this.get(id) ?? after);
      });
    }
  }

  #notify(operation: Operation, step: DeviceStep): void {
    if (step.alias === undefined) return;
    this.#push(() => {
      this.#options.onChange(operation, step);
    });
  }

  #push(event: () => void): void {
    this.#events.push(event);
    if (this.#published === undefined) this.#events.release();
  }
}

/** The operations without those that their own process, whose operations `known` are, has forgotten. */
const withoutForgotten = (
  operations: readonly Operation[],
  known: readonly Operation[],
  writer: string,
): readonly Operation[] =>
  operations.filter(
    (operation) => operation.writer !== writer || known.some(({ id }) => id === operation.id),
  );

const openStepsOf = (operations: readonly Operation[]): Placed[] =>
  operations.flatMap((operation) =>
    operation.steps.flatMap((step, index) => (isOpen(step) ? [{ operation, index, step }] : [])),
  );

/** The operations without the difference from `before` to `after`, as far as nothing has changed it since. */
function undone(
  now: readonly Operation[],
  before: readonly Operation[],
  after: readonly Operation[],
): readonly Operation[] {
  const find = (operations: readonly Operation[], id: string) =>
    operations.find((operation) => operation.id === id);
  return now.flatMap((operation) => {
    const [was, became] = [find(before, operation.id), find(after, operation.id)];
    if (!became) return [operation];
    if (!was) return [];
    if (operation === became) return [was];
    const steps = operation.steps.map((step, index) =>
      step === became.steps[index] ? (was.steps[index] ?? step) : step,
    );
    return [{ ...operation, steps }];
  });
}
