import { StuckError } from './error.ts';

/**
 * What one connection may have in flight: libvirt stops reading from a connection with five (max_client_requests),
 * keepalive included.
 */
const CALLS_PER_CONNECTION = 4;
/** Of these, how many may wait for a guest: one stays free for calls that help, destroy above all. */
const CONTROL_PLACES = 3;
/** The same of a connection that asks every guest: some of the places of all stay free, however many guests hang. */
export const STATISTICS_PLACES = 2;
/** How many calls of one client may wait for guests: about ten of them can stop a daemon for everybody. */
const MONITOR_CALLS = 4;

/** A call's place in the queue or in flight. */
export interface Ticket {
  /** Nobody waits for the call any more; what is in flight keeps its place until {@link leave}. */
  abandon(): void;
  /** The reply came, or never will. */
  leave(): void;
}

/** What becomes of a call that waits for a place: it starts, or it fails without having been sent. */
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

/** Protects a daemon from one client: the limits that hold over all of the client's connections. */
export class Limits {
  readonly #monitorCalls = new Set<Entry>();
  readonly #held = new Map<string, Entry>();
  readonly #lanes = new Set<Lane>();

  /** Whether a call that nobody waits for any more still holds this domain: its next call would wait, too. */
  isStuck(domain: string): boolean {
    return this.#held.get(domain)?.isStuck === true;
  }

  /** A queue for one connection, of whose calls so many may wait for guests; earlier lanes go first. */
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

/** The calls of one connection: in order, save that one which waits for a guest lets others pass. */
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
   * Starts the call as soon as the limits allow; `domains` are those whose monitor it may wait for. It fails with
   * {@link StuckError} where guests that do not answer hold all places for such calls.
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

  /** Starts what the limits allow by now, and refuses what they will not allow for long. */
  advance(): void {
    for (const entry of this.#waiting) {
      if (this.#inFlight.size >= CALLS_PER_CONNECTION) break;
      if (this.#admits(entry)) this.#start(entry);
    }
    this.#refuseIfStuck();
  }

  /** Lets go of everything, and fails what waits: the connection is no more. */
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
