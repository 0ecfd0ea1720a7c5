import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';

/** How long a client may take nothing of what waits for it. */
const PATIENCE = Milliseconds(5000);
/** Times the limit that may wait at once, since a client cannot read while its replies are made. */
const BURST = 4;

export interface UnreadOptions {
  readonly clock: Clock;
  /** Bytes that may wait for a client. */
  readonly maxUnread: number;
  /** Returns how many bytes wait for the client. */
  readonly waiting: () => number;
  /** Called when the client does not read. */
  readonly overflow: (unread: number) => void;
}

/**
 * Decides whether a client reads. More than the limit may wait for it as long as it takes some of that every 5 s; four
 * times the limit may not.
 */
export class Unread {
  readonly #options: UnreadOptions;
  #cancel: Cancel | undefined;
  #queued = 0;

  constructor(options: UnreadOptions) {
    this.#options = options;
  }

  /** Counts what was sent. */
  add(bytes: number): void {
    this.#queued += bytes;
    const { maxUnread, waiting, overflow } = this.#options;
    const unread = waiting();
    if (unread <= maxUnread) return;
    if (unread > BURST * maxUnread) overflow(unread);
    else if (!this.#cancel) this.#watch(this.#taken());
  }

  stop(): void {
    this.#cancel?.();
  }

  #taken(): number {
    return this.#queued - this.#options.waiting();
  }

  #watch(taken: number): void {
    const { clock, maxUnread, waiting, overflow } = this.#options;
    this.#cancel = clock.after(PATIENCE, () => {
      this.#cancel = undefined;
      const unread = waiting();
      if (unread <= maxUnread) return;
      if (this.#taken() > taken) this.#watch(this.#taken());
      else overflow(unread);
    });
  }
}
