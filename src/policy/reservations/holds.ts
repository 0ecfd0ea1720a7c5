import type { Clock } from '../../common/clock.ts';
import { wallMilliseconds } from '../../common/time.ts';
import type { Reservation } from './book.ts';

/** Knows when reservations end that are held for a time: a wall clock that is set neither ends nor prolongs them. */
export class Holds {
  readonly #clock: Clock;
  /** By the id of a reservation, on the clock. */
  readonly #ends = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the time of the reservation is over. */
  isOver(reservation: Reservation): boolean {
    return this.#clock.now() >= this.#endOf(reservation);
  }

  /** Knows the ends of these reservations from now on, and forgets all others. */
  keep(reservations: readonly Reservation[]): void {
    const ids = new Set(reservations.map(({ id }) => id));
    for (const id of this.#ends.keys()) if (!ids.has(id)) this.#ends.delete(id);
    for (const reservation of reservations) this.#endOf(reservation);
  }

  #endOf({ id, madeAt, hold }: Reservation): number {
    if (madeAt === undefined || hold === undefined) return Infinity;
    const end = this.#ends.get(id) ?? this.#clock.now() + this.#left(madeAt, hold * 1000);
    this.#ends.set(id, end);
    return end;
  }

  /** What is left of a time that may have begun before vmemd started. */
  #left(madeAt: number, hold: number): number {
    return Math.min(hold, Math.max(0, madeAt + hold - wallMilliseconds(this.#clock)));
  }
}
