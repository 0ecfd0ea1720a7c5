import { StuckError } from './error.ts';

/**
 * Calls in flight per connection. libvirt stops reading from a connection with five (max_client_requests), including
 * keepalive.
 */
const CALLS_PER_CONNECTION = 4;
/** How many of these may wait for a guest; one place stays free for calls that free a guest, above all destroy. */
const CONTROL_PLACES = 3;
/** The same for the statistics connection, which calls every guest: hung guests cannot take all monitor places. */
export const STATISTICS_PLACES = 2;
/** Calls to guests per client, over all connections; about ten hung ones can block the daemon for all its clients. */
const MONITOR_CALLS = 4;

/** A call's place in the queue or in flight. */
export interface Ticket {
  /** Gives up the call; if it is in flight it keeps its place until {@link leave}. */
  abandon(): void;
  /** Releases the call's place. */
  leave(): void;
}

/** A call that waits for a place: either it starts, or it fails without having been sent. */
interface Waiting {
  readonly start: (ticket: Ticket) => void;
  readonly fail: (reason: unknown) => void;
}

interface Entry extends Ticket, Waiting {
  readonly domains: readonly string[] | undefined;
  isStuck: boolean;
}

const countStuck = (calls: Iterable<Entry>): number =>
  [...calls].filter(({ domains, isStuck }) => domains && isStuck).length;

/** Protects a daemon from one client: limits over all of the client's connections. */
export class Limits {
  readonly #monitorCalls = new Set<Entry>();
  readonly #held = new Map<string, Entry>();
  readonly #lanes = new Set<Lane>();

  /** Whether an abandoned call still occupies this domain; its next call would wait, too. */
  isStuck(domain: string): boolean {
    return this.#held.get(domain)?.isStuck === true;
  }

  /** Returns a queue for one connection with `places` calls to guests at a time; earlier lanes take precedence. */
  lane(places = CONTROL_PLACES): Lane {
    const lane: Lane = new Lane(places, {
      isStuck: () => countStuck(this.#monitorCalls) >= MONITOR_CALLS,
      admits: (domains) =>
        this.#monitorCalls.size < MONITOR_CALLS &&
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

interface Shared {
  isStuck(): boolean;
  admits(domains: readonly string[]): boolean;
  hold(entry: Entry, domains: readonly string[]): void;
  release(entry: Entry, domains: readonly string[]): void;
  changed(): void;
  closed(): void;
}

/** The calls of one connection, in order; a call that waits for a guest does not block calls to others. */
export class Lane {
  readonly #inFlight = new Set<Entry>();
  #monitorCalls = 0;
  readonly #waiting = new Set<Entry>();
  readonly #places: number;
  readonly #shared: Shared;

  constructor(places: number, shared: Shared) {
    this.#places = places;
    this.#shared = shared;
  }

  /**
   * Starts the call as soon as the limits allow; `domains` are those whose monitor it may wait for. Fails with {@link
   * StuckError} if hung guests hold all places for such calls.
   */
  enter(domains: readonly string[] | undefined, waiting: Waiting): Ticket {
    const entry: Entry = {
      ...waiting,
      domains,
      isStuck: false,
      abandon: () => {
        this.#waiting.delete(entry);
        entry.isStuck = this.#inFlight.has(entry);
        if (entry.isStuck) this.#shared.changed();
      },
      leave: () => this.#leave(entry),
    };
    if (this.#admits(entry)) this.#start(entry);
    else {
      this.#waiting.add(entry);
      this.#refuseIfStuck();
    }
    return entry;
  }

  /** Starts calls that the limits now allow, and fails calls that hung guests block. */
  advance(): void {
    for (const entry of this.#waiting) {
      if (this.#inFlight.size >= CALLS_PER_CONNECTION) break;
      if (this.#admits(entry)) this.#start(entry);
    }
    this.#refuseIfStuck();
  }

  /** Releases all places and fails all waiting calls, when the connection has closed. */
  close(reason: unknown): void {
    this.#shared.closed();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const entry of [...this.#inFlight]) this.#leave(entry);
    for (const { fail } of waiting) fail(reason);
  }

  #admits({ domains }: Entry): boolean {
    if (this.#inFlight.size >= CALLS_PER_CONNECTION) return false;
    if (!domains) return true;
    return this.#monitorCalls < this.#places && this.#shared.admits(domains);
  }

  #start(entry: Entry): void {
    this.#waiting.delete(entry);
    this.#inFlight.add(entry);
    if (entry.domains) {
      this.#monitorCalls++;
      this.#shared.hold(entry, entry.domains);
    }
    entry.start(entry);
  }

  #refuseIfStuck(): void {
    if (this.#waiting.size === 0) return;
    if (countStuck(this.#inFlight) < this.#places && !this.#shared.isStuck()) return;
    for (const entry of this.#waiting) {
      if (!entry.domains) continue;
      this.#waiting.delete(entry);
      entry.fail(new StuckError());
    }
  }

  #leave(entry: Entry): void {
    this.#waiting.delete(entry);
    if (!this.#inFlight.delete(entry)) return;
    if (entry.domains) {
      this.#monitorCalls--;
      this.#shared.release(entry, entry.domains);
    }
    this.#shared.changed();
  }
}
