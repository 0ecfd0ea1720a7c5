import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import { resumedAfter } from './guest/actions.ts';
import type { Guest } from './guest/guest.ts';
import { advance, type GuestEvent } from './guest/advance.ts';

/** Runs a guest by the host's clock, except while it is paused, until it ends. Reads show the last advance. */
export class ClockedGuest {
  readonly #clock: Clock;
  readonly #emit: (event: GuestEvent) => void;
  #guest: Guest;
  /** The age at which the guest changes next; in the past until that is found. */
  #nextAt = -Infinity;
  #pausedAt: Milliseconds | undefined;
  #hasEnded = false;
  #timer: { readonly due: Milliseconds; readonly cancel: Cancel } | undefined;

  constructor(
    { guest, paused }: { readonly guest: Guest; readonly paused: boolean },
    clock: Clock,
    emit: (event: GuestEvent) => void,
  ) {
    this.#clock = clock;
    this.#emit = emit;
    this.#guest = guest;
    this.#pausedAt = paused ? clock.now() : undefined;
    this.catchUp();
  }

  get isPaused(): boolean {
    return this.#pausedAt !== undefined;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The guest at the time of the last advance. */
  get guest(): Guest {
    return this.#guest;
  }

  /** Advances the guest to now and emits its events; does nothing while it is paused or has ended. */
  catchUp(): void {
    if (this.#hasEnded || this.#pausedAt !== undefined) return;
    const { guest, events, nextAt } = advance(this.#guest, this.#clock.now(), this.#nextAt);
    this.#guest = guest;
    this.#nextAt = nextAt;
    for (const event of events) this.#emit(event);
    this.#arm();
  }

  /** Advances the guest, replaces it by the result of `action`, and emits the events that follow at once. */
  change(action: (guest: Guest) => Guest): void {
    this.catchUp();
    if (this.#hasEnded) return;
    this.#guest = action(this.#guest);
    this.#nextAt = -Infinity;
    this.catchUp();
  }

  suspend(): void {
    this.catchUp();
    this.#pausedAt ??= this.#clock.now();
    this.#disarm();
  }

  resume(): void {
    if (this.#pausedAt === undefined) return;
    this.#guest = resumedAfter(this.#guest, this.#clock.now() - this.#pausedAt);
    this.#pausedAt = undefined;
    this.catchUp();
  }

  end(): void {
    this.#hasEnded = true;
    this.#disarm();
  }

  /** Sets a timer for the guest's next step; a guest without one sets no timer. */
  #arm(): void {
    const due = Milliseconds(this.#guest.bornAt + this.#nextAt);
    if (this.#hasEnded || due === this.#timer?.due) return;
    this.#disarm();
    if (due === Infinity) return;
    // Rounded up to whole milliseconds: a shorter timer could fire just before the step, again and again.
    const delay = Milliseconds(Math.max(1, Math.ceil(due - this.#clock.now())));
    const cancel = this.#clock.after(delay, () => {
      this.#timer = undefined;
      this.catchUp();
    });
    this.#timer = { due, cancel };
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
