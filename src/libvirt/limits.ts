import { GuestPlaces, GUESTS } from './guestPlaces.ts';
import { Lane, type Entry } from './lane.ts';
import { RecentReplies } from './recentReplies.ts';

/**
 * Calls to guests without a sign of life that a client has sent and still waits for, over all connections. libvirtd adds
 * workers as such calls come in one by one (19 that never return were served around), but ten at once can block it for
 * all its clients.
 */
const MONITOR_CALLS = 4;

export interface LimitsOptions {
  /**
   * Returns whether the guest shows a sign of life from now on, without a call that a hung guest can block; false once
   * `isWanted` returns false.
   */
  readonly isAlive: (uuid: string, isWanted: () => boolean) => Promise<boolean>;
  readonly nameOf: (uuid: string) => string;
  /** Returns the time in milliseconds. */
  readonly now: () => number;
}

const unaware: LimitsOptions = {
  isAlive: () => Promise.resolve(false),
  nameOf: (uuid) => uuid,
  now: () => performance.now(),
};

/** Protects a daemon from one client: limits over all of the client's connections. */
export class Limits {
  readonly #options: LimitsOptions;
  readonly #monitorCalls = new Set<Entry>();
  readonly #held = new Map<string, Entry>();
  readonly #lanes = new Set<Lane>();
  readonly #replies: RecentReplies;

  constructor(options: LimitsOptions = unaware) {
    this.#options = options;
    this.#replies = new RecentReplies(options.now);
  }

  /** Whether an abandoned call still occupies this domain; its next call would wait, too. */
  isStuck(domain: string): boolean {
    return this.#held.get(domain)?.isStuck === true;
  }

  /** The domains that an abandoned call still occupies. */
  get stuck(): readonly string[] {
    return [...this.#held.keys()].filter((domain) => this.isStuck(domain));
  }

  /** Takes it that these domains hang: abandoned calls that pass over others wait for one of them each. */
  blame(domains: readonly string[]): void {
    for (const entry of this.#monitorCalls) {
      const culprits = entry.suspects.filter((one) => domains.includes(one));
      if (!entry.isStuck || entry.domains?.length !== 0 || culprits.length === 0) continue;
      entry.domains = culprits.filter((one) => !this.#held.has(one));
      for (const one of entry.domains) this.#held.set(one, entry);
    }
  }

  /**
   * Returns a queue for one connection; connections that share `places` have them together. Earlier lanes take
   * precedence.
   */
  lane(places = new GuestPlaces(GUESTS)): Lane {
    const lane: Lane = new Lane(places, {
      ...this.#options,
      isStuck: (domain) => this.isStuck(domain),
      stuckNames: () => this.stuck.map(this.#options.nameOf),
      isHeld: (domain) => this.#held.has(domain),
      isFull: () => this.#unproven >= MONITOR_CALLS,
      admits: (entry) =>
        entry.domains?.some((domain) => this.#held.has(domain)) !== true &&
        (this.#showsLife(entry, -Infinity) || this.#unproven < MONITOR_CALLS),
      showsLife: (entry, since) => this.#showsLife(entry, since),
      hold: (entry, domains) => {
        entry.isProven = this.#showsLife(entry, -Infinity);
        this.#monitorCalls.add(entry);
        for (const domain of domains) this.#held.set(domain, entry);
      },
      release: (entry, domains, isReply) => {
        this.#monitorCalls.delete(entry);
        for (const domain of domains) {
          this.#held.delete(domain);
          if (isReply) this.#replies.add(domain);
        }
      },
      changed: () => {
        for (const each of this.#lanes) each.advance();
      },
      closed: () => this.#lanes.delete(lane),
    });
    this.#lanes.add(lane);
    return lane;
  }

  /** How many calls to guests without a sign of life have been sent and may still be answered in time. */
  get #unproven(): number {
    return [...this.#monitorCalls].filter(({ isStuck, isProven }) => !isStuck && !isProven).length;
  }

  #showsLife({ domains = [], life }: Entry, since: number): boolean {
    const [domain, ...others] = domains;
    if (domain === undefined || others.length > 0) return false;
    return life === 'alive' || this.#replies.has(domain, since);
  }
}
