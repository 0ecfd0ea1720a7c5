import { KiB } from '../../../common/units.ts';

/** Settings of the adaptive policy. Shares are of 1, times in seconds, rates in KiB per second. */
export interface AdaptiveParameters {
  /** Share of the host's memory that is to stay available: below it, guests give what they do not need. */
  readonly goal: number;
  /** Share that nothing but a guarantee grows into; what lies between it and the goal is for starving guests. */
  readonly reserve: number;
  /** Further share that a shrink aims at and that growth leaves, so that the two do not alternate. */
  readonly margin: number;
  /** Share above the goal from which on guests grow into memory that others have been given but never touched. */
  readonly comfort: number;
  /** Percentage of time that host tasks wait for memory above which the host counts as short of it. */
  readonly stall: number;

  /** What a guest needs beyond what it uses, as a share of that: Hyper-V's buffer. */
  readonly headroom: number;
  /** The part of that which it is never asked for, less on a host below its goal, and the least such part. */
  readonly keep: number;
  readonly leastKept: KiB;
  /**
   * Time in which the estimate of what a guest uses falls by two thirds, shorter on a host below its goal; it rises at
   * once.
   */
  readonly fallTime: number;
  /** The same for page cache that a guest turned out to need. */
  readonly warmTime: number;
  /** Rates from which on a guest counts as starving, and its page cache as needed. */
  readonly swapRate: KiB;
  readonly refaultRate: KiB;

  /** Largest change in one round, as a share of a guest's memory; what it lacks of its need it gets at once. */
  readonly step: number;
  /**
   * Smallest change, as a share of a guest's memory; a quarter of it for a host that is short, half of it for others
   * while one starves, twice as much without need.
   */
  readonly deadBand: number;
  /** Share of its memory that a guest may have beyond its fair part for good. */
  readonly unfairness: number;
  /**
   * How long guests do not grow beyond their needs after the host was short of memory, at first; longer when growing was
   * too early.
   */
  readonly calm: number;

  /** Time in which memory that the host has more of counts as there to stay, by two thirds. */
  readonly settleTime: number;

  /** Age above which a guest's statistics are stale. */
  readonly staleAfter: number;
  /** Time without progress after which a balloon counts as stuck, and time until it is asked again, at first. */
  readonly stuckAfter: number;
  readonly retryAfter: number;
  /** How many rounds a balloon that follows slowly has time for; others give at once what it will not have by then. */
  readonly patience: number;
  /** Time in which memory that was given but not touched counts as about to be touched, by two thirds. */
  readonly grantTime: number;

  /** Whether growth waits until the host shows what others have freed. False only to see what that prevents. */
  readonly twoPhases: boolean;
}

export const adaptiveDefaults: AdaptiveParameters = {
  goal: 0.2,
  reserve: 0.05,
  margin: 0.01,
  comfort: 0.1,
  stall: 10,
  headroom: 0.2,
  keep: 0.05,
  leastKept: KiB(32 * 1024),
  fallTime: 120,
  warmTime: 3600,
  swapRate: KiB(512),
  refaultRate: KiB(1024),
  step: 0.1,
  deadBand: 0.01,
  unfairness: 0.2,
  calm: 60,
  settleTime: 300,
  staleAfter: 30,
  stuckAfter: 20,
  retryAfter: 60,
  patience: 6,
  grantTime: 120,
  twoPhases: true,
};

/** The least and the most that each setting can be; outside of these the policy means nothing. */
export const adaptiveRanges = {
  goal: [0, 0.9],
  reserve: [0, 0.9],
  margin: [0, 0.5],
  comfort: [0, 1],
  stall: [0, 100],
  headroom: [0, 10],
  keep: [0, 1],
  leastKept: [0, 2 ** 30],
  fallTime: [1, 1e6],
  warmTime: [1, 1e7],
  swapRate: [1, 1e9],
  refaultRate: [1, 1e9],
  step: [0.001, 1],
  deadBand: [0, 0.5],
  unfairness: [0, 1],
  calm: [0, 86_400],
  settleTime: [1, 1e6],
  staleAfter: [1, 86_400],
  stuckAfter: [1, 86_400],
  retryAfter: [1, 86_400],
  patience: [1, 1000],
  grantTime: [1, 1e6],
} as const satisfies Partial<Record<keyof AdaptiveParameters, readonly [number, number]>>;
