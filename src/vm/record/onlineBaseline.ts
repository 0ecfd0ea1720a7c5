import type { Clock } from '../../common/clock.ts';
import { wallMilliseconds } from '../../common/time.ts';
import { KiB, Milliseconds } from '../../common/units.ts';
import type { GuestTotal } from '../../memory/online.ts';

/** The guest's own total before the devices came that it is not seen to use; later totals are compared with it. */
export class OnlineBaseline {
  readonly #clock: Clock;
  #total: GuestTotal | undefined;
  #changedAt = Milliseconds(0);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined if there are no such devices, or if the total is unknown. */
  get total(): GuestTotal | undefined {
    return this.#total;
  }
  /** When memory last came or went, in milliseconds since 1970; older reports of the guest do not show it. */
  get changedAt(): Milliseconds {
    return this.#changedAt;
  }

  set(total: GuestTotal | undefined): void {
    this.#total = total;
  }

  /** Records that the guest's total changes by so many KiB for other reasons than plugged devices. */
  adjust(change: number, hasDevicesChanged: boolean): void {
    if (hasDevicesChanged || change !== 0) this.#changedAt = wallMilliseconds(this.#clock);
    if (!this.#total || change === 0) return;
    this.#total = {
      ...this.#total,
      available: KiB(Math.max(0, this.#total.available + change)),
    };
  }

  /** Forgets the total, and all reports from before now: the guest has begun another boot. */
  restart(): void {
    this.#total = undefined;
    this.#changedAt = wallMilliseconds(this.#clock);
  }

  /** Continues with a total from before a restart of vmemd. */
  resume(total: GuestTotal | undefined): void {
    this.#total = total;
    // It is unknown when memory came or went last; that matters only if there is a total.
    this.#changedAt = total ? wallMilliseconds(this.#clock) : Milliseconds(0);
  }
}
