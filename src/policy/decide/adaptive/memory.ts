/** What a round remembers of a guest; sizes in KiB, times in seconds of the rounds' clock. */
export interface GuestMemory {
  readonly current: number;
  /** How much the balloon took since the round before. */
  readonly taken: number;
  readonly resident?: number | undefined;
  readonly report?: SeenReport | undefined;
  /** What it can still do without: what its last report says, less what the balloon took since. */
  readonly free: number;
  /** What its kernel keeps outside the total that it reports. */
  readonly reserved: number;
  /** What the guest uses, without page cache; rises at once and falls slowly. */
  readonly used?: number | undefined;
  /** By how much that rose with the last report. */
  readonly rise: number;
  /** What it has swapped out and not yet in again. */
  readonly swapped: number;
  /** What it is thought to lack while it swaps in more than it is known to have swapped out. */
  readonly lack: number;
  readonly starvingUntil?: number | undefined;
  /** Page cache that it turned out to need. */
  readonly warm: number;
  /** How much of its memory the host has to hold: what it ever touched since the balloon left it. */
  readonly backed?: number | undefined;
  /** What it was given lately and has not touched. */
  readonly granted: number;
  /** The last target sent, until something else moves the balloon. */
  readonly asked?: { readonly target: number; readonly at: number } | undefined;
  /** Where the balloon was when it last moved, or was at its target. */
  readonly progress: { readonly current: number; readonly at: number };
  readonly stuck?: { readonly until: number; readonly times: number } | undefined;
  /** What is remembered instead if the target of this round is not sent. */
  readonly unsent?: GuestMemory;
}

/** Cumulative counters of a report, to derive rates from the next one. */
export interface SeenReport {
  readonly at?: number | undefined;
  /** When it was first seen. */
  readonly seenAt: number;
  readonly swapIn?: number | undefined;
  readonly swapOut?: number | undefined;
  readonly majorFaults?: number | undefined;
}

/** When the host was short of memory; times in seconds. */
export interface Pressure {
  readonly at?: number | undefined;
  /** How long growing waits after that; absent while the setting applies. */
  readonly calm?: number;
  /** When guests last grew into spare memory, unless the host was short since. */
  readonly relievedAt?: number;
}

export interface AdaptiveMemory {
  readonly time?: number;
  readonly guests: Readonly<Record<string, GuestMemory>>;
  readonly pressure: Pressure;
  /** What the host had available at least, of late; KiB. */
  readonly available?: number | undefined;
  /** What shrinking guests have freed for starving ones on a host that is short; below 0 if guests were given more. */
  readonly freed: number;
}

export const emptyMemory: AdaptiveMemory = { guests: {}, pressure: {}, freed: 0 };

/** Returns what is remembered of a guest, whatever its name: also one that every object has. */
export const memoryOf = (
  { guests }: Pick<AdaptiveMemory, 'guests'>,
  name: string,
): GuestMemory | undefined => (Object.hasOwn(guests, name) ? guests[name] : undefined);
