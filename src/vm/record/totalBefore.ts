import type { Clock } from '../../common/clock.ts';
import type { GuestTotal } from '../../memory/online.ts';
import { KiB, Milliseconds } from '../../common/units.ts';
import { wallMilliseconds } from '../../common/time.ts';

/** What a guest counted before the devices came that it is not seen to use, to compare what it counts later with. */
export class TotalBefore {
  readonly #clock: Clock;
  #total: GuestTotal | undefined;
  #changedAt = Milliseconds(0);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined where there are no such devices, or nobody knows it. */
  get total(): GuestTotal | undefined {
    return this.#total;
  }
  /** When memory last came or went: what the guest told before says nothing of it. Milliseconds since 1970. */
  get changedAt(): Milliseconds {
    return this.#changedAt;
  }

  /** Compares with this one from now on. */
  compareWith(total: GuestTotal | undefined): void {
    this.#total = total;
  }

  /** Takes in that the guest's total changes by this much in KiB for other reasons than plugged devices. */
  allowFor(change: number, isNews: boolean): void {
    if (isNews || change !== 0) this.#changedAt = wallMilliseconds(this.#clock);
    if (!this.#total || change === 0) return;
    this.#total = {
      ...this.#total,
      available: KiB(Math.max(0, this.#total.available + change)),
    };
  }

  /** Takes in what was known before a restart. */
  resume(total: GuestTotal | undefined): void {
    this.#total = total;
    // Nobody knows when memory came or went last, but only then does it matter.
    this.#changedAt = total ? wallMilliseconds(this.#clock) : Milliseconds(0);
  }
}
