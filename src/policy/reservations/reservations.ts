import { randomUUID } from 'node:crypto';
import type { Cancel } from '../../common/clock.ts';
import { VdsmError } from '../../common/errors.ts';
import { messageOf } from '../../common/messageOf.ts';
import { wallMilliseconds } from '../../common/time.ts';
import { KiB, Milliseconds, type Seconds, toMilliseconds } from '../../common/units.ts';
import { canonicalUuid } from '../../common/uuid.ts';
import type { HostPressure } from '../../host/pressure/hostPressure.ts';
import { causeOf } from '../../vm/logFailure.ts';
import { toVdsmError } from '../../vm/toVdsmError.ts';
import { type Account, accountOf } from './account.ts';
import { type Reservation, withChange, without, withReservation } from './book.ts';
import { Keeper, type KeeperParts, type RoundOutcome } from './keeper.ts';
import type { Failure } from './plan/failure.ts';
import type { Depth } from './plan/giver.ts';
import { notFreed, notPromised } from './refusals.ts';

/** What is to be reserved. */
export interface Wish {
  readonly amount: KiB;
  /** How long to wait until it is there. */
  readonly deadline: Seconds;
  /** Whom or what it is for; a VM if it is the id of one that does not run yet. */
  readonly for?: string | undefined;
  readonly depth?: Depth | undefined;
  /** How long it is held once it is there; until it is released if absent. */
  readonly hold?: Seconds | undefined;
}

/** A reservation as it is now. */
export interface Held extends Reservation {
  /** What of it is not used yet, in KiB. */
  readonly left: KiB;
  /** What it lacks, with those before it, in KiB; absent if nothing. */
  readonly lacks?: KiB;
}

/** A reservation that was made. */
export interface Made {
  readonly reservation: Reservation;
  /** What guests freed for it, by the host's figures, in KiB. */
  readonly freed: KiB;
}

export interface ReservationsParts extends KeeperParts {
  /** Whether another vmemd keeps the book, and this one only reads it. */
  readonly isReadOnly?: boolean;
}

interface Making {
  readonly amount: KiB;
  readonly resolve: (made: Made) => void;
  readonly reject: (error: unknown) => void;
  /** What was lacking at first, in KiB. */
  lacked?: number;
}

const SOON = Milliseconds(2000);
const LATER = Milliseconds(10_000);
/** How often balloons are looked at when vmemd stops. */
const LAST_LOOKS = 5;

/** Memory of the host that is reserved for what is to start, and what guests give for it. */
export class Reservations {
  readonly #parts: ReservationsParts;
  readonly #keeper: Keeper;
  readonly #making = new Map<string, Making>();
  #last: Promise<unknown> = Promise.resolve();
  #opened: Promise<void> | undefined;
  #lacks: RoundOutcome['lacks'] = new Map();
  #cancelTimer: Cancel = () => undefined;
  #isFailing = false;
  #stopped: Promise<void> | undefined;

  constructor(parts: ReservationsParts) {
    this.#parts = parts;
    this.#keeper = new Keeper(parts);
  }

  /** What is reserved and not used yet. */
  get held(): KiB {
    return KiB([...this.#keeper.remaining().values()].reduce<number>((sum, size) => sum + size, 0));
  }

  /** What the host lacked by the last look of all that is reserved. */
  get lacking(): KiB {
    return KiB(Math.ceil(Math.max(0, ...this.#lacks.values())));
  }

  /** How many reservations are held, or in the making. */
  count(state: 'held' | 'making'): number {
    const made = ({ madeAt }: Reservation): boolean => madeAt !== undefined;
    return this.#keeper.book.reservations.filter((one) => made(one) === (state === 'held')).length;
  }

  /** Whether the balloon of this VM is moved for a reservation in the making. */
  isAsked(vm: string): boolean {
    return this.#keeper.isAsked(vm);
  }

  /** Returns every reservation, oldest first. */
  async list(): Promise<readonly Held[]> {
    if (this.#parts.isReadOnly) await this.#keeper.open();
    const left = this.#keeper.remaining();
    return this.#keeper.book.reservations.map((one) => {
      const lacks = this.#lacks.get(one.id);
      return {
        ...one,
        left: left.get(one.id) ?? one.amount,
        ...(lacks !== undefined && { lacks: KiB(Math.min(one.amount, Math.ceil(lacks))) }),
      };
    });
  }

  /** Reads what was reserved before a restart, and keeps it from now on; call it once the VMs are known. */
  start(): Promise<void> {
    this.#opened ??= this.#inTurn(() => this.#keeper.open()).then(() => {
      if (!this.#parts.isReadOnly) this.#wake();
    });
    return this.#opened;
  }

  /** Ends what is in the making, with its balloons set back; what is held is held again after a restart. */
  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  /**
   * Returns what of the host is promised, and what guests could give, by a reading of the host's memory. Throws
   * GeneralException if that is unknown.
   */
  account(reading: Promise<HostPressure> = this.#parts.host.read()): Promise<Account> {
    return reading
      .then((pressure) => accountOf(this.#parts, pressure, this.#keeper.book.reservations))
      .catch(toVdsmError('GeneralException'));
  }

  /**
   * Makes room and holds it; fulfils once the host shows the memory. Throws NotEnoughResources, with what was freed and
   * the VMs that gave too little, or GeneralException.
   */
  async reserve(wish: Wish, signal?: AbortSignal): Promise<Made> {
    return this.#reserve(this.#reservationFor(wish), wish, signal);
  }

  /**
   * Reserves for a VM what is promised to it and not reserved for it already, then runs `create`, and holds it for that
   * VM from then on. Throws what {@link reserve} throws; if `create` throws, that, and the memory is given back.
   */
  async reserveFor(
    { vm, ...wish }: Pick<Wish, 'deadline' | 'for'> & { readonly vm: string },
    promised: KiB,
    create: () => Promise<void>,
  ): Promise<void> {
    const reserved = this.#keeper.book.reservations
      .filter((one) => one.vm === vm)
      .reduce((sum, { amount }) => sum + amount, 0);
    const amount = KiB(promised - reserved);
    if (amount <= 0) return create();
    const made = { ...this.#reservationFor({ ...wish, amount }), vm, origin: 'create' as const };
    this.#keeper.creating.add(made.id);
    try {
      await this.#reserve(made, { ...wish, amount });
      await create().catch(async (error: unknown) => {
        await this.#drop(made.id);
        throw error;
      });
      await this.#inTurn(() =>
        this.#keeper.change((book) => withChange(book, made.id, { hasStarted: true })),
      );
    } finally {
      this.#keeper.creating.delete(made.id);
    }
  }

  /** Ends a reservation, and has its memory given back; returns it. Throws InvalidParameter for an unknown id. */
  async release(id: string): Promise<Reservation> {
    const found = this.#keeper.book.reservations.find((one) => one.id === id);
    if (!found) {
      throw new VdsmError(
        'InvalidParameter',
        `there is no reservation ${id}; Host.getReservations lists them`,
      );
    }
    const making = this.#making.get(id);
    await this.#drop(id);
    making?.reject(new VdsmError('NotEnoughResources', 'it was released before it was made'));
    this.#forget(id);
    return found;
  }

  async #reserve(
    reservation: Reservation,
    { amount, deadline }: Wish,
    signal?: AbortSignal,
  ): Promise<Made> {
    await this.start();
    const { id } = reservation;
    const made = await this.#inTurn(async () => {
      if (this.#stopped) throw stopping();
      const { promises } = await this.account();
      if (promises.left < amount) throw notPromised(amount, promises);
      await this.#keeper.change((book) => withReservation(book, reservation));
      this.#keeper.deadlines.set(id, this.#parts.clock.now() + toMilliseconds(deadline));
      // Wrapped, as the turn must not wait for it.
      return { outcome: this.#outcome(id, amount) };
    });
    const abort = (): void => {
      void this.#giveUp(id, stopping());
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.#wake();
    return made.outcome.finally(() => signal?.removeEventListener('abort', abort));
  }

  #outcome(id: string, amount: KiB): Promise<Made> {
    return new Promise((resolve, reject) => {
      this.#making.set(id, { amount, resolve, reject });
    });
  }

  #reservationFor(wish: Wish): Reservation {
    const { clock, vms } = this.#parts;
    const since = wallMilliseconds(clock);
    const vm = canonicalUuid(wish.for ?? '');
    const runs = vm !== undefined && vms.find(vm)?.isAlive === true;
    return {
      id: randomUUID(),
      amount: wish.amount,
      origin: 'client',
      depth: wish.depth ?? 'used',
      since,
      deadline: since + toMilliseconds(wish.deadline),
      takes: {},
      ...(wish.for !== undefined && { for: wish.for }),
      ...(vm !== undefined && !runs && { vm }),
      ...(wish.hold !== undefined && { hold: wish.hold }),
    };
  }

  async #drop(id: string): Promise<void> {
    await this.#inTurn(() =>
      this.#keeper.change((book) => {
        const isUsed = book.reservations.some((one) => one.id === id && one.hasStarted === true);
        return without(book, id, !isUsed);
      }),
    );
    this.#wake();
  }

  async #giveUp(id: string, error: VdsmError): Promise<void> {
    const making = this.#making.get(id);
    if (!making) return;
    this.#forget(id);
    await this.#drop(id).catch(() => {
      this.#keeper.force((book) => without(book, id, true));
    });
    making.reject(error);
  }

  #forget(id: string): void {
    this.#making.delete(id);
    this.#keeper.deadlines.delete(id);
  }

  /** Holds a round as soon as the one under way has ended. */
  #wake(): void {
    this.#cancelTimer();
    void this.#inTurn(() => this.#round());
  }

  async #round(): Promise<void> {
    if (this.#stopped) return;
    this.#cancelTimer();
    if (!this.#keeper.isIdle || this.#making.size > 0) await this.#look();
    if (this.#keeper.isIdle && this.#making.size === 0) {
      this.#lacks = new Map();
      return;
    }
    const isSoon = this.#making.size > 0 || this.#lacks.size > 0;
    this.#cancelTimer = this.#parts.clock.after(isSoon ? SOON : LATER, () => {
      this.#wake();
    });
  }

  async #look(): Promise<void> {
    try {
      this.#report(await this.#keeper.round());
      this.#isFailing = false;
    } catch (error) {
      const { log } = this.#parts;
      log[this.#isFailing ? 'debug' : 'warn'](causeOf(error), 'reservations could not be seen to');
      this.#isFailing = true;
      this.#endOverdue(error);
    }
  }

  /** Answers the requests whose reservations have been made or have failed. */
  #report({ made, failed, lacks }: RoundOutcome): void {
    this.#lacks = lacks;
    for (const [id, size] of lacks) {
      const making = this.#making.get(id);
      if (making) making.lacked ??= size;
    }
    for (const id of made) this.#succeed(id);
    for (const failure of failed) this.#fail(failure);
  }

  #succeed(id: string): void {
    const making = this.#making.get(id);
    const reservation = this.#keeper.book.reservations.find((one) => one.id === id);
    this.#forget(id);
    if (!making || !reservation) return;
    making.resolve({
      reservation,
      freed: KiB(Math.round(Math.min(making.lacked ?? 0, making.amount))),
    });
  }

  #fail(failure: Failure): void {
    const making = this.#making.get(failure.id);
    this.#forget(failure.id);
    if (!making) return;
    const { amount, lacked = failure.missing } = making;
    const freed = KiB(Math.max(0, Math.round(lacked - failure.missing)));
    making.reject(notFreed(failure, { amount, freed, nameOf: (id) => this.#nameOf(id) }));
  }

  /** Ends reservations whose time is over while no round can be held. */
  #endOverdue(cause: unknown): void {
    const now = this.#parts.clock.now();
    const overdue = [...this.#making.keys()].filter(
      (id) => now >= (this.#keeper.deadlines.get(id) ?? 0),
    );
    const error = new VdsmError(
      'GeneralException',
      `no memory could be reserved: ${messageOf(cause)}`,
      { cause },
    );
    for (const id of overdue) {
      const making = this.#making.get(id);
      this.#forget(id);
      this.#keeper.force((book) => without(book, id, true));
      making?.reject(error);
    }
  }

  async #end(): Promise<void> {
    this.#cancelTimer();
    const unmade = [...this.#making.keys()];
    if (unmade.length === 0) return;
    const requests = unmade.map((id) => this.#making.get(id));
    for (const id of unmade) this.#forget(id);
    await this.#inTurn(async () => {
      await this.#keeper.change((book) =>
        unmade.reduce((rest, id) => without(rest, id, true), book),
      );
      await this.#giveBack();
    }).catch((error: unknown) => {
      this.#parts.log.warn(
        causeOf(error),
        'balloons could not be set back; the next start does that',
      );
    });
    for (const request of requests) request?.reject(stopping());
  }

  /** Gives back what the host has; what one look shows is limited by what balloons have let go until then. */
  async #giveBack(): Promise<void> {
    for (let look = 0; look < LAST_LOOKS && this.#keeper.isOwing; look++) {
      await this.#keeper.round();
    }
  }

  #nameOf(id: string): string {
    return this.#parts.vms.find(id)?.domain.name ?? id;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

const stopping = (): VdsmError =>
  new VdsmError('Recovering', 'vmemd is stopping, and the reservation was not made; reserve again');
