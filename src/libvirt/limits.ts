/**
 * What one connection may have in flight: libvirt stops reading from a connection with five (max_client_requests),
 * keepalive included.
 */
const CALLS_PER_CONNECTION = 4;
/** Of these, how many may wait for a guest: one stays free for calls that help, destroy above all. */
const MONITOR_CALLS_PER_CONNECTION = 3;
/** How many calls of one client may wait for guests: about ten of them can stop a daemon for everybody. */
const MONITOR_CALLS = 4;

/** A call's place in the queue or in flight. */
export interface Ticket {
  /** Nobody waits for the call any more; what is in flight keeps its place until {@link leave}. */
  abandon(): void;
  /** The reply came, or never will. */
  leave(): void;
}

interface Entry extends Ticket {
  readonly domains: readonly string[] | undefined;
  readonly start: () => void;
  isStuck: boolean;
}

/** Protects a daemon from one client: the limits that hold over all of the client's connections. */
export class Limits {
  #monitorCalls = 0;
  readonly #held = new Map<string, Entry>();
  readonly #lanes = new Set<Lane>();

  /** Whether a call that nobody waits for any more still holds this domain: its next call would wait, too. */
  isStuck(domain: string): boolean {
    return this.#held.get(domain)?.isStuck === true;
  }

  /** A queue for one connection; earlier lanes go first. */
  lane(): Lane {
    const lane: Lane = new Lane({
      admits: (domains) =>
        this.#monitorCalls < MONITOR_CALLS && domains.every((domain) => !this.#held.has(domain)),
      hold: (entry, domains) => {
        this.#monitorCalls++;
        for (const domain of domains) this.#held.set(domain, entry);
      },
      release: (domains) => {
        this.#monitorCalls--;
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
  admits(domains: readonly string[]): boolean;
  hold(entry: Entry, domains: readonly string[]): void;
  release(domains: readonly string[]): void;
  changed(): void;
  closed(): void;
}

/** The calls of one connection: in order, save that one which waits for a guest lets others pass. */
export class Lane {
  readonly #inFlight = new Set<Entry>();
  #monitorCalls = 0;
  readonly #waiting = new Set<Entry>();
  readonly #shared: Shared;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** Calls `start` as soon as the limits allow; `domains` are those whose monitor the call may wait for. */
  enter(domains: readonly string[] | undefined, start: () => void): Ticket {
    const entry: Entry = {
      domains,
      start,
      isStuck: false,
      abandon: () => {
        entry.isStuck = this.#inFlight.has(entry);
        this.#waiting.delete(entry);
      },
      leave: () => this.#leave(entry),
    };
    if (this.#admits(entry)) this.#start(entry);
    else this.#waiting.add(entry);
    return entry;
  }

  /** Starts what the limits allow by now. */
  advance(): void {
    for (const entry of this.#waiting) {
      if (this.#inFlight.size >= CALLS_PER_CONNECTION) return;
      if (this.#admits(entry)) this.#start(entry);
    }
  }

  /** Whether calls that nobody waits for any more hold every place for calls that wait for guests. */
  get isStuck(): boolean {
    const stuck = [...this.#inFlight].filter(({ isStuck }) => isStuck);
    return stuck.length >= MONITOR_CALLS_PER_CONNECTION;
  }

  /** Lets go of everything: the connection is no more. */
  close(): void {
    this.#shared.closed();
    this.#waiting.clear();
    for (const entry of [...this.#inFlight]) this.#leave(entry);
  }

  #admits({ domains }: Entry): boolean {
    if (this.#inFlight.size >= CALLS_PER_CONNECTION) return false;
    if (!domains) return true;
    return this.#monitorCalls < MONITOR_CALLS_PER_CONNECTION && this.#shared.admits(domains);
  }

  #start(entry: Entry): void {
    this.#waiting.delete(entry);
    this.#inFlight.add(entry);
    if (entry.domains) {
      this.#monitorCalls++;
      this.#shared.hold(entry, entry.domains);
    }
    entry.start();
  }

  #leave(entry: Entry): void {
    this.#waiting.delete(entry);
    if (!this.#inFlight.delete(entry)) return;
    if (entry.domains) {
      this.#monitorCalls--;
      this.#shared.release(entry.domains);
    }
    this.#shared.changed();
  }
}
