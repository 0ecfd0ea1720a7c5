/** How many calls to guests may be under way on some connections. */
export interface Places {
  /** Calls to any guest. */
  readonly any: number;
  /** Further calls to guests that have replied a moment ago. */
  readonly recent: number;
}

/** For the connections that change guests. */
export const GUESTS: Places = { any: 3, recent: 1 };
/** For the statistics connection, which calls every guest and needs a place for calls to none. */
export const STATISTICS: Places = { any: 2, recent: 0 };
/** For a connection without calls to guests, which hung guests cannot block: destroy gets through. */
export const NONE: Places = { any: 0, recent: 0 };

/** A call to a guest, as far as places are concerned. */
export interface GuestCall {
  /** Whether it was given up, and keeps its place until its reply. */
  readonly isStuck: boolean;
}

/**
 * The places of calls to guests on some connections. Guests that hang can take all but the last one, which is for a guest
 * that has shown a sign of life since the others were taken.
 */
export class GuestPlaces {
  readonly #places: Places;
  readonly #calls = new Set<GuestCall>();
  #fullSince = -Infinity;

  constructor(places: Places) {
    this.#places = places;
  }

  /** Whether all places for any guest are taken. */
  get areTaken(): boolean {
    return this.#calls.size >= this.#places.any;
  }

  /** Returns whether there is a place for a guest; `showsLife` returns whether it has shown a sign of life since a time. */
  admits(showsLife: (since: number) => boolean): boolean {
    const { any, recent } = this.#places;
    const taken = this.#calls.size;
    if (taken < any) return true;
    if (taken < any + recent) return showsLife(-Infinity);
    return taken === any + recent && showsLife(this.#fullSince);
  }

  /** Returns whether calls that were given up leave no place; `isHopeless` for a guest without a sign of life. */
  refuses(isHopeless: boolean): boolean {
    const { any, recent } = this.#places;
    const stuck = [...this.#calls].filter(({ isStuck }) => isStuck).length;
    return stuck > any + recent || (stuck >= any && isHopeless);
  }

  take(call: GuestCall, now: number): void {
    this.#calls.add(call);
    if (this.#calls.size === this.#places.any + this.#places.recent) this.#fullSince = now;
  }

  leave(call: GuestCall): void {
    this.#calls.delete(call);
  }
}
