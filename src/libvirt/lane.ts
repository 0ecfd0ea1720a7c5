import { StuckError } from './error.ts';
import type { GuestPlaces } from './guestPlaces.ts';

/**
 * Calls in flight per connection. libvirt stops reading from a connection with five (max_client_requests), including
 * keepalive.
 */
const CALLS_PER_CONNECTION = 4;
/** How many of these may be slow ones, such as destroy. */
const SLOW_CALLS = 3;

/** A call's place in the queue or in flight. */
export interface Ticket {
  /**
   * Gives up the call; if it is in flight it keeps its place until {@link leave}. Returns whether the connection is of no
   * use any more: all its places are taken by calls that were given up, and others than those to guests.
   */
  abandon(): boolean;
  /** Releases the call's place; `isReply` if its guest has replied, which is a sign of life. */
  leave(isReply?: boolean): void;
}

/** A call that waits for a place: either it starts, or it fails without having been sent. */
interface Waiting {
  readonly start: (ticket: Ticket) => void;
  readonly fail: (reason: unknown) => void;
}

/** What a call needs of libvirt. */
export interface Needs {
  /** The domains whose monitor it may wait for; undefined if it waits for none. */
  readonly domains?: readonly string[] | undefined;
  /** Whether it passes over domains whose job another call has, and so leaves them to other calls. */
  readonly passesOver?: boolean | undefined;
  readonly isSlow?: boolean | undefined;
}

export interface Entry extends Ticket, Waiting {
  /** The domains that no other call is sent to meanwhile; undefined for a call to no guest. */
  domains: readonly string[] | undefined;
  /** The domains of which a call that passes over others waits for one. */
  readonly suspects: readonly string[];
  readonly isSlow: boolean;
  isStuck: boolean;
  /** Whether its guest had shown a sign of life when it was sent. */
  isProven: boolean;
  /** Whether the guest shows a sign of life; undefined until that is checked. */
  life: 'checking' | 'alive' | 'silent' | undefined;
}

/** What the lanes of a client have in common. */
interface Shared {
  readonly isAlive: (uuid: string, isWanted: () => boolean) => Promise<boolean>;
  readonly now: () => number;
  isStuck(domain: string): boolean;
  stuckNames(): readonly string[];
  /** Whether a call to this domain is under way. */
  isHeld(domain: string): boolean;
  /** Whether so many calls to guests are under way that not every guest can be called. */
  isFull(): boolean;
  admits(entry: Entry): boolean;
  /** Whether the call's guest has shown a sign of life a moment ago, and later than `since`. */
  showsLife(entry: Entry, since: number): boolean;
  hold(entry: Entry, domains: readonly string[]): void;
  release(entry: Entry, domains: readonly string[], isReply: boolean): void;
  changed(): void;
  closed(): void;
}

const isToGuest = ({ domains }: Entry): boolean => domains !== undefined;
const count = (calls: Iterable<Entry>, counts: (entry: Entry) => boolean): number =>
  [...calls].filter(counts).length;

/** The calls of one connection, in order; a call that waits for a guest does not block calls to others. */
export class Lane {
  readonly #inFlight = new Set<Entry>();
  readonly #waiting = new Set<Entry>();
  readonly #places: GuestPlaces;
  readonly #shared: Shared;

  constructor(places: GuestPlaces, shared: Shared) {
    this.#places = places;
    this.#shared = shared;
  }

  /**
   * Starts the call as soon as the limits allow. Fails with {@link StuckError} if hung guests hold the places for any
   * guest, and its guest shows no sign of life.
   */
  enter({ domains, passesOver = false, isSlow = false }: Needs, waiting: Waiting): Ticket {
    const entry: Entry = {
      ...waiting,
      domains: passesOver ? [] : domains,
      suspects: passesOver ? (domains ?? []) : [],
      isSlow,
      isStuck: false,
      isProven: false,
      life: undefined,
      abandon: () => {
        this.#waiting.delete(entry);
        entry.isStuck = this.#inFlight.has(entry);
        if (entry.isStuck) this.#shared.changed();
        return this.#isUseless;
      },
      leave: (isReply = false) => {
        this.#leave(entry, isReply);
      },
    };
    if (this.#admits(entry)) this.#start(entry);
    else {
      this.#waiting.add(entry);
      this.#judge(entry);
    }
    return entry;
  }

  /** Calls to guests that have been sent and wait for a reply. */
  get guestCalls(): number {
    return count(this.#inFlight, isToGuest);
  }

  /** Whether it has a call to one of these domains. */
  has(domains: readonly string[]): boolean {
    return [...this.#inFlight, ...this.#waiting].some((entry) =>
      entry.domains?.some((domain) => domains.includes(domain)),
    );
  }

  /** Starts calls that the limits now allow, and fails calls that hung guests block. */
  advance(): void {
    for (const entry of this.#waiting) {
      if (this.#inFlight.size >= CALLS_PER_CONNECTION) break;
      if (this.#admits(entry)) this.#start(entry);
    }
    for (const entry of this.#waiting) this.#judge(entry);
  }

  /** Releases all places and fails all waiting calls, when the connection has closed. */
  close(reason: unknown): void {
    this.#shared.closed();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const entry of [...this.#inFlight]) this.#leave(entry, false);
    for (const { fail } of waiting) fail(reason);
  }

  /** A guest that hangs can keep its place for good, which a new connection does not change. */
  get #isUseless(): boolean {
    const calls = [...this.#inFlight];
    return (
      calls.length >= CALLS_PER_CONNECTION &&
      calls.every(({ isStuck }) => isStuck) &&
      !calls.every(isToGuest)
    );
  }

  #admits(entry: Entry): boolean {
    if (this.#inFlight.size >= CALLS_PER_CONNECTION) return false;
    if (entry.isSlow && count(this.#inFlight, (call) => call.isSlow) >= SLOW_CALLS) return false;
    if (!entry.domains) return true;
    const showsLife = (since: number): boolean => this.#shared.showsLife(entry, since);
    return this.#places.admits(showsLife) && this.#shared.admits(entry);
  }

  #start(entry: Entry): void {
    this.#waiting.delete(entry);
    this.#inFlight.add(entry);
    if (entry.domains) {
      this.#shared.hold(entry, entry.domains);
      this.#places.take(entry, this.#shared.now());
    }
    entry.start(entry);
  }

  /** Fails a waiting call that hung guests block, or looks for a sign of life of its guest. */
  #judge(entry: Entry): void {
    if (!entry.domains) return;
    if (this.#places.refuses(this.#isHopeless(entry))) {
      this.#waiting.delete(entry);
      entry.fail(new StuckError(this.#shared.stuckNames()));
    } else if (this.#places.areTaken || this.#shared.isFull()) this.#lookForLife(entry);
  }

  #isHopeless({ domains = [], life }: Entry): boolean {
    const isSingle = domains.length === 1;
    return life === 'silent' || !isSingle || domains.some((one) => this.#shared.isStuck(one));
  }

  #lookForLife(entry: Entry): void {
    const [domain, ...others] = entry.domains ?? [];
    if (domain === undefined || others.length > 0 || entry.life !== undefined) return;
    if (this.#shared.isHeld(domain)) return;
    entry.life = 'checking';
    const isWanted = (): boolean => this.#waiting.has(entry);
    void this.#shared.isAlive(domain, isWanted).then((isAlive) => {
      entry.life = isAlive ? 'alive' : 'silent';
      if (isWanted()) this.advance();
    });
  }

  #leave(entry: Entry, isReply: boolean): void {
    this.#waiting.delete(entry);
    if (!this.#inFlight.delete(entry)) return;
    if (entry.domains) {
      this.#shared.release(entry, entry.domains, isReply);
      this.#places.leave(entry);
    }
    this.#shared.changed();
  }
}

/**
 * Returns the connection for a call to these domains: the one that has another call to them, so that these keep their
 * order, or else the one with the fewest calls to guests.
 */
export function laneFor<T extends { readonly lane: Lane }>(
  connections: readonly T[],
  domains: readonly string[],
): T | undefined {
  const [first] = [...connections].sort((a, b) => a.lane.guestCalls - b.lane.guestCalls);
  return connections.find(({ lane }) => lane.has(domains)) ?? first;
}
