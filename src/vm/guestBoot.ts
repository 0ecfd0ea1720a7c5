import { type Milliseconds, Seconds } from '../common/units.ts';

/** What is known when a boot of the guest begins. */
export interface BootStart {
  /** In milliseconds since 1970; undefined for a boot that was found running, of which every report counts. */
  readonly at: Milliseconds | undefined;
  /** Time of the last report that was seen before. */
  readonly lastUpdate?: Seconds | undefined;
}

/** Distinguishes reports of the guest's present boot from the last one before it, which QEMU keeps over a reset. */
export class GuestBoot {
  readonly #since: Seconds;
  readonly #lastUpdate: Seconds | undefined;
  #hasReported: boolean;
  #samples = 0;
  /** The time of the report that QEMU has kept, once a sample has shown it. */
  #kept: Seconds | undefined;

  constructor({ at, lastUpdate }: BootStart) {
    this.#since = Seconds(Math.floor((at ?? 0) / 1000));
    this.#lastUpdate = lastUpdate;
    this.#hasReported = at === undefined;
  }

  /** Whether a report of this boot was seen, or may have been. */
  get hasReported(): boolean {
    return this.#hasReported;
  }

  /** Takes the time of the report in a sample; returns whether the guest made it in this boot. `now` is wall time. */
  take(lastUpdate: Seconds | undefined, now: Seconds): boolean {
    if (this.#hasReported) return true;
    if (lastUpdate === undefined) return false;
    this.#samples += 1;
    this.#hasReported = lastUpdate > 0 && this.#isNew(lastUpdate, now);
    // The first sample may have been read before this boot, and then does not show what QEMU has kept.
    if (!this.#hasReported && this.#samples > 1) this.#kept ??= lastUpdate;
    return this.#hasReported;
  }

  /** Reports have whole seconds; if the wall clock was set back, only a change shows a new one. */
  #isNew(lastUpdate: Seconds, now: Seconds): boolean {
    if (this.#kept !== undefined) return lastUpdate !== this.#kept;
    return lastUpdate > this.#since && lastUpdate <= now && lastUpdate !== this.#lastUpdate;
  }
}
