/**
 * How long a reply counts as a sign of life, in milliseconds. Shorter than the time between two samples: else a guest
 * that has just hung could always take the last place for statistics.
 */
const RECENT = 500;

/** The guests that have replied a moment ago, by UUID. */
export class RecentReplies {
  readonly #now: () => number;
  /** Oldest first. */
  readonly #times = new Map<string, number>();

  /** `now` returns milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  add(domain: string): void {
    const now = this.#now();
    this.#times.delete(domain);
    this.#times.set(domain, now);
    for (const [each, at] of this.#times) {
      if (now - at <= RECENT) break;
      this.#times.delete(each);
    }
  }

  /** Whether the guest has replied within the last half second and later than `since`. */
  has(domain: string, since = -Infinity): boolean {
    const at = this.#times.get(domain);
    return at !== undefined && at > since && this.#now() - at <= RECENT;
  }
}
