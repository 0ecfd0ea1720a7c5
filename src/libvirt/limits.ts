import { StuckError } from './error.ts';

/**
 * Calls in flight per connection. libvirt stops reading from a connection with five (max_client_requests), including
 * keepalive.
 */
const CALLS_PER_CONNECTION = 4;
/** How many of these may be slow ones, such as destroy. */
const SLOW_CALLS = 3;
/** How many of these may wait for any guest; one more may wait for a guest that shows a sign of life. */
const GUEST_PLACES = 3;
/** The same for the statistics connection, which calls every guest and needs a place for calls to none. */
export const STATISTICS_PLACES = 2;
/** For a connection without calls to guests, which hung guests cannot block: destroy gets through. */
export const NO_PLACES = 0;
/**
 * Calls to guests that a client has sent and still waits for, over all connections. libvirtd adds workers as such calls
 * come in one by one (19 that never return were served around), but ten at once can block it for all its clients.
 */
const MONITOR_CALLS = 4;

/** A call's place in the queue or in flight. */
export interface Ticket {
  /**
   * Gives up the call; if it is in flight it keeps its place until {@link leave}. Returns whether the connection is of no
   * use any more: all its places are taken by calls that were given up, and others than those to guests.
   */
  abandon(): boolean;
  /** Releases the call's place. */
  leave(): void;
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
  readonly isSlow?: boolean;
}

interface Entry extends Ticket, Waiting {
  readonly domains: readonly string[] | undefined;
  readonly isSlow: boolean;
  isStuck: boolean;
  /** Whether the guest shows a sign of life; undefined until that is checked. */
  life: 'checking' | 'alive' | 'silent' | undefined;
}

export interface LimitsOptions {
  /** Returns whether the guest shows a sign of life from now on, without a call that a hung guest can block. */
  readonly isAlive: (uuid: string) => Promise<boolean>;
  readonly nameOf: (uuid: string) => string;
}

const unaware: LimitsOptions = {
  isAlive: () => Promise.resolve(false),
  nameOf: (uuid) => uuid,
};

const isToGuest = ({ domains }: Entry): boolean => domains !== undefined;
const count = (calls: Iterable<Entry>, counts: (entry: Entry) => boolean): number =>
  [...calls].filter(counts).length;

/** Protects a daemon from one client: limits over all of the client's connections. */
export class Limits {
  readonly #options: LimitsOptions;
  readonly #monitorCalls = new Set<Entry>();
  readonly #held = new Map<string, Entry>();
  readonly #lanes = new Set<Lane>();

  constructor(options: LimitsOptions = unaware) {
    this.#options = options;
  }

  /** Whether an abandoned call still occupies this domain; its next call would wait, too. */
  isStuck(domain: string): boolean {
    return this.#held.get(domain)?.isStuck === true;
  }

  /** The domains that an abandoned call still occupies. */
  get stuck(): readonly string[] {
    return [...this.#held.keys()].filter((domain) => this.isStuck(domain));
  }

  /** Returns a queue for one connection with `places` calls to any guest; earlier lanes take precedence. */
  lane(places = GUEST_PLACES): Lane {
    const lane: Lane = new Lane(places, {
      ...this.#options,
      isStuck: (domain) => this.isStuck(domain),
      stuckNames: () => this.stuck.map(this.#options.nameOf),
      admits: (domains) =>
        count(this.#monitorCalls, ({ isStuck }) => !isStuck) < MONITOR_CALLS &&
        domains.every((domain) => !this.#held.has(domain)),
      hold: (entry, domains) => {
        this.#monitorCalls.add(entry);
        for (const domain of domains) this.#held.set(domain, entry);
      },
      release: (entry, domains) => {
        this.#monitorCalls.delete(entry);
        for (const domain of domains) this.#held.delete(domain);
      },
      changed: () => {
        for (const each of this.#lanes) each.advance();
      },
      closed: () => this.#lanes.delete(lane),
    });
    this.#lanes.add(lane);
    return lane;
  }
}

interface Shared extends LimitsOptions {
  isStuck(domain: string): boolean;
  stuckNames(): readonly string[];
  admits(domains: readonly string[]): boolean;
  hold(entry: Entry, domains: readonly string[]): void;
  release(entry: Entry, domains: readonly string[]): void;
  changed(): void;
  closed(): void;
}

/**
 * The calls of one connection, in order; a call that waits for a guest does not block calls to others. Guests that hang
 * take the places for any guest, never the last one, which a guest gets after it has shown a sign of life.
 */
export class Lane {
  readonly #inFlight = new Set<Entry>();
  readonly #waiting = new Set<Entry>();
  readonly #places: number;
  readonly #shared: Shared;

  constructor(places: number, shared: Shared) {
    this.#places = places;
    this.#shared = shared;
  }

  /**
   * Starts the call as soon as the limits allow. Fails with {@link StuckError} if hung guests hold the places for any
   * guest, and its guest shows no sign of life.
   */
  enter({ domains, isSlow = false }: Needs, waiting: Waiting): Ticket {
    const entry: Entry = {
      ...waiting,
      domains,
      isSlow,
      isStuck: false,
      life: undefined,
      abandon: () => {
        this.#waiting.delete(entry);
        entry.isStuck = this.#inFlight.has(entry);
        if (entry.isStuck) this.#shared.changed();
        return this.#isUseless;
      },
      leave: () => this.#leave(entry),
    };
    if (this.#admits(entry)) this.#start(entry);
    else {
      this.#waiting.add(entry);
      this.#judge(entry);
    }
    return entry;
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
    for (const entry of [...this.#inFlight]) this.#leave(entry);
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

  #admits({ domains, isSlow, life }: Entry): boolean {
    if (this.#inFlight.size >= CALLS_PER_CONNECTION) return false;
    if (isSlow && count(this.#inFlight, (call) => call.isSlow) >= SLOW_CALLS) return false;
    if (!domains) return true;
    const places = this.#places + (life === 'alive' ? 1 : 0);
    return count(this.#inFlight, isToGuest) < places && this.#shared.admits(domains);
  }

  #start(entry: Entry): void {
    this.#waiting.delete(entry);
    this.#inFlight.add(entry);
    if (entry.domains) this.#shared.hold(entry, entry.domains);
    entry.start(entry);
  }

  /** Fails a waiting call that hung guests block, or looks for a sign of life of its guest. */
  #judge(entry: Entry): void {
    if (!entry.domains) return;
    const stuck = count(this.#inFlight, ({ isStuck, domains }) => isStuck && domains !== undefined);
    if (stuck > this.#places || (stuck === this.#places && this.#isHopeless(entry))) {
      this.#waiting.delete(entry);
      entry.fail(new StuckError(this.#shared.stuckNames()));
    } else if (count(this.#inFlight, isToGuest) >= this.#places) this.#lookForLife(entry);
  }

  #isHopeless({ domains = [], life }: Entry): boolean {
    const isSingle = domains.length === 1;
    return life === 'silent' || !isSingle || domains.some((one) => this.#shared.isStuck(one));
  }

  #lookForLife(entry: Entry): void {
    const [domain, ...others] = entry.domains ?? [];
    if (domain === undefined || others.length > 0 || entry.life !== undefined) return;
    entry.life = 'checking';
    void this.#shared.isAlive(domain).then((isAlive) => {
      entry.life = isAlive ? 'alive' : 'silent';
      if (this.#waiting.has(entry)) this.advance();
    });
  }

  #leave(entry: Entry): void {
    this.#waiting.delete(entry);
    if (!this.#inFlight.delete(entry)) return;
    if (entry.domains) this.#shared.release(entry, entry.domains);
    this.#shared.changed();
  }
}
