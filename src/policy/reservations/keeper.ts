import type { Logger } from 'pino';
import { type Clock, pause } from '../../common/clock.ts';
import { messageOf } from '../../common/messageOf.ts';
import { wallMilliseconds } from '../../common/time.ts';
import { KiB, Milliseconds } from '../../common/units.ts';
import type { HostPressure } from '../../host/pressure/hostPressure.ts';
import { setBalloonTarget } from '../../vm/actions/setBalloon.ts';
import type { Registry } from '../../vm/registry/registry.ts';
import type { Vm } from '../../vm/vm.ts';
import {
  type Book,
  concernedVms,
  emptyBook,
  type Reservation,
  reconciled,
  withChange,
  without,
  withReturn,
  withStop,
  withTake,
} from './book.ts';
import type { BookFile } from './bookFile.ts';
import { giverFigures } from './figures.ts';
import type { Failure } from './plan/failure.ts';
import { emptyPlan, type PlanMemory, planRound, type RoundPlan } from './plan/round.ts';
import { Holds } from './holds.ts';
import { remaining } from './remaining.ts';
import { returns } from './returns.ts';

export interface KeeperParts {
  readonly vms: Pick<Registry, 'isReady' | 'list' | 'find'>;
  readonly host: { read(): Promise<HostPressure> };
  readonly clock: Clock;
  readonly log: Logger;
  readonly file: Pick<BookFile, 'read' | 'write'>;
  /** Returns the part of so much memory that is not promised. */
  readonly reserveOf: (capacity: KiB) => KiB;
  /** Whether the policy's loop moves balloons: it then sees to what is held, and to what is given back. */
  readonly isLoopActing: () => boolean;
}

/** What a round has found. */
export interface RoundOutcome {
  readonly made: readonly string[];
  readonly failed: readonly Failure[];
  /** What claims lack, each with those before it, by id. */
  readonly lacks: ReadonlyMap<string, number>;
}

/** A balloon that has not taken its target by then does not hold up the round. */
const SENDING = Milliseconds(1500);

/** Keeps the book of what is reserved, and moves balloons so that it is there; its calls must not overlap. */
export class Keeper {
  readonly #parts: KeeperParts;
  /** Deadlines of reservations in the making, on the clock in milliseconds. */
  readonly deadlines = new Map<string, number>();
  /** VMs that are being created, whose reservations wait for them. */
  readonly creating = new Set<string>();
  readonly #sending = new Set<string>();
  readonly #refusing = new Map<string, string>();
  #book: Book = emptyBook;
  readonly #holds: Holds;
  #plan: PlanMemory = emptyPlan;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#holds = new Holds(parts.clock);
  }

  get book(): Book {
    return this.#book;
  }

  /** Whether there is nothing to keep. */
  get isIdle(): boolean {
    return this.#book.reservations.length === 0 && !this.isOwing;
  }

  /** Whether something is to be given back. */
  get isOwing(): boolean {
    return Object.keys(this.#book.toReturn).length > 0;
  }

  /** Whether a balloon is asked for a reservation in the making, so that nothing else should move it. */
  isAsked(vm: string): boolean {
    return this.#book.reservations.some(
      ({ madeAt, takes }) => madeAt === undefined && takes[vm] !== undefined,
    );
  }

  /** Returns what of each reservation is not used yet, by id. */
  remaining(): ReadonlyMap<string, KiB> {
    return remaining(
      this.#book.reservations,
      (id) => this.#parts.vms.find(id)?.samples.newest?.rss ?? 0,
    );
  }

  /** Reads the book; reservations that were not made before a crash ended with their requests. */
  async open(): Promise<void> {
    const book = await this.#parts.file.read();
    const unmade = book.reservations.filter(({ madeAt }) => madeAt === undefined);
    this.#take(unmade.reduce((rest, { id }) => without(rest, id, true), book));
  }

  /** Writes the book, then takes it; throws GeneralException, and the book stays as it was. */
  async change(change: (book: Book) => Book): Promise<void> {
    const next = change(this.#book);
    if (next === this.#book) return;
    await this.#parts.file.write(next);
    this.#take(next);
  }

  /** Takes a book that could not be written: what it has ended must not be held. */
  force(change: (book: Book) => Book): void {
    this.#take(change(this.#book));
  }

  #take(book: Book): void {
    this.#book = book;
    this.#holds.keep(book.reservations);
  }

  /** Looks at host and VMs, and asks balloons for what is missing, or gives back. Throws HypervisorError, GeneralException. */
  async round(): Promise<RoundOutcome> {
    const { vms, host, clock, reserveOf, isLoopActing } = this.#parts;
    const nothing = { made: [], failed: [], lacks: new Map<string, number>() };
    if (!vms.isReady) return nothing;
    const { capacity, available, free } = await host.read();
    const left = available ?? free;
    if (left === undefined) return nothing;
    const seen = this.#seen(this.#book);
    const isDefended = !isLoopActing();
    const plan = planRound(
      { time: clock.now() / 1000, available: left, reserve: reserveOf(capacity), isDefended },
      this.#figures(seen),
      this.#claims(seen),
      this.#plan,
    );
    this.#plan = plan.memory;
    if (plan.memory.asked.size === 0) this.#refusing.clear();
    const targets = new Map<string, KiB>();
    await this.change(() => this.#planned(seen, plan, isDefended, targets));
    await this.#send(targets);
    return plan;
  }

  /** The book after a look at the VMs: of those that have ended, started, or have another target than was asked. */
  #seen(book: Book): Book {
    const { vms, log } = this.#parts;
    const looked = concernedVms(book)
      .filter((id) => !this.#sending.has(id))
      .reduce((next, id) => reconciled(next, id, seenOf(vms.find(id))), book);
    const left = this.remaining();
    return looked.reservations.reduce((next, one) => {
      const end = this.#endOf(one, left.get(one.id) ?? one.amount);
      if (end !== undefined) {
        log.info({ reservation: one.id, for: one.for, reason: end }, 'a reservation has ended');
        return without(next, one.id, !one.hasStarted);
      }
      const hasStarted = !one.hasStarted && this.#runs(one.vm);
      return hasStarted ? withChange(next, one.id, { hasStarted }) : next;
    }, looked);
  }

  /** Returns why a reservation ends; undefined if it does not. */
  #endOf(reservation: Reservation, left: KiB): string | undefined {
    const { id, vm, hasStarted, origin } = reservation;
    if (this.#holds.isOver(reservation)) return 'its time is over';
    if (vm === undefined) return undefined;
    if (hasStarted) {
      if (!this.#runs(vm)) return 'its VM has ended';
      return left === 0 ? 'its VM uses it' : undefined;
    }
    const isLost = origin === 'create' && !this.creating.has(id) && !this.#runs(vm);
    return isLost ? 'its VM was not created' : undefined;
  }

  #runs(id: string | undefined): boolean {
    const vm = id === undefined ? undefined : this.#parts.vms.find(id);
    return vm !== undefined && (vm.isAlive || vm.isLaunching);
  }

  #figures({ reservations }: Book) {
    const since = Milliseconds(Math.min(...reservations.map((one) => one.since)));
    return this.#parts.vms
      .list()
      .filter(({ isAlive }) => isAlive)
      .map((vm) => giverFigures(vm, since, this.#refusalOf(vm.id)));
  }

  #refusalOf(id: string): string | undefined {
    return this.#sending.has(id) ? 'no-answer' : this.#refusing.get(id);
  }

  #claims({ reservations }: Book) {
    const left = this.remaining();
    return reservations.map(({ id, amount, madeAt, depth }) => ({
      id,
      size: left.get(id) ?? amount,
      isMade: madeAt !== undefined,
      deadline: (this.deadlines.get(id) ?? 0) / 1000,
      depth,
    }));
  }

  /** The book when the plan is carried out; sets the targets to send. */
  #planned(seen: Book, plan: RoundPlan, isDefended: boolean, targets: Map<string, KiB>): Book {
    const madeAt = wallMilliseconds(this.#parts.clock);
    let book = plan.made.reduce((next, id) => withChange(next, id, { madeAt }), seen);
    for (const { id } of plan.failed) book = without(book, id, true);
    for (const { name, target, claim } of plan.asks) {
      const move = this.#moveTo(name, KiB(target), targets);
      if (!move || move.to <= move.from) continue;
      book = withTake(book, claim, name, move);
      targets.set(name, KiB(target));
    }
    for (const { name, target } of plan.stops) {
      const move = this.#moveTo(name, KiB(target), targets);
      if (!move || move.to >= move.from || !isTaken(book, name)) continue;
      book = withStop(book, name, move);
      targets.set(name, KiB(target));
    }
    const isShort = plan.lacks.size > 0;
    if (isShort || !isDefended) return book;
    return this.#returned(book, plan.spare + this.#untaken(book), targets);
  }

  #returned(before: Book, spare: number, targets: Map<string, KiB>): Book {
    let book = before;
    for (const [id, size] of returns(before, spare)) {
      const vm = this.#parts.vms.find(id);
      if (!vm || targets.has(id) || this.#sending.has(id)) continue;
      const target = KiB(Math.min(vm.memory, vm.balloonTarget + size));
      const move = this.#moveTo(id, target, targets);
      if (!move) continue;
      book = withReturn(book, id, move);
      targets.set(id, target);
    }
    return book;
  }

  /** What is to be given back that balloons have not taken yet: it costs the host nothing. */
  #untaken({ toReturn }: Book): number {
    return Object.entries(toReturn).reduce((sum, [id, size]) => {
      const vm = this.#parts.vms.find(id);
      const current = vm?.samples.newest?.current ?? 0;
      return sum + Math.min(size, Math.max(0, current - (vm?.balloonTarget ?? current)));
    }, 0);
  }

  /** What a balloon holds before and after it gets a target; undefined if it cannot get one now. */
  #moveTo(id: string, target: KiB, targets: ReadonlyMap<string, KiB>) {
    const vm = this.#parts.vms.find(id);
    if (!vm || this.#sending.has(id)) return undefined;
    const before = targets.get(id) ?? vm.balloonTarget;
    return { from: KiB(vm.memory - before), to: KiB(vm.memory - target) };
  }

  async #send(targets: ReadonlyMap<string, KiB>): Promise<void> {
    const sent = [...targets].map(([id, target]) => this.#sendOne(id, target));
    if (sent.length > 0) await Promise.race([Promise.all(sent), pause(this.#parts.clock, SENDING)]);
  }

  async #sendOne(id: string, wish: KiB): Promise<void> {
    const { vms, log } = this.#parts;
    const vm = vms.find(id);
    if (!vm) return;
    this.#sending.add(id);
    try {
      const result = await setBalloonTarget(vm, { wish, by: 'policy', flowId: FLOW });
      if (result.applied) this.#refusing.delete(id);
      else this.#refusing.set(id, result.reason);
    } catch (error) {
      const reason = messageOf(error);
      this.#refusing.set(id, reason);
      log.warn({ vmId: id, reason }, 'a balloon could not be asked for a reservation');
    } finally {
      this.#sending.delete(id);
    }
  }
}

/** Names the operations on balloons in the log. */
const FLOW = 'reservations';

const isTaken = ({ reservations }: Book, vm: string): boolean =>
  reservations.some(({ takes }) => takes[vm] !== undefined);

const seenOf = (vm: Vm | undefined) =>
  vm?.isAlive ? { held: KiB(vm.memory - vm.balloonTarget), by: vm.story.by } : undefined;
