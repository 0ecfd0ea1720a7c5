import type { KiB } from '../../../common/units.ts';

/** The host's figures at the start of a round; unknown ones are absent. */
export interface HostFigures {
  /** Seconds on the clock of the guests' reports. */
  readonly time: number;
  readonly total: KiB;
  /** MemFree, buffers and cached together: MoM's measure. */
  readonly free?: KiB;
  /** What the host can still use without swapping: MemAvailable, without shared memory of guests. */
  readonly available?: KiB;
  /** Percentage of the last 10 s in which some task of the host waited for memory (PSI). */
  readonly stall?: number;
}

/** Why a guest is not to be ballooned at all. */
export type Exemption =
  | 'paused'
  | 'migrating'
  | 'no-balloon'
  | 'disabled'
  | 'hugepages'
  | 'locked'
  | 'assigned-device'
  | 'pinned'
  | 'not-managed'
  /** A memory operation of a client is under way. */
  | 'busy'
  /** The hypervisor does not answer for it. */
  | 'not-answering'
  /** Its balloon is moved for a reservation. */
  | 'reserving';

/** A guest's figures at the start of a round; unknown ones are absent. Those of its own kernel are not trusted. */
export interface GuestFigures {
  readonly name: string;
  /** What the balloon leaves to the guest. */
  readonly current?: KiB | undefined;
  /** The guaranteed memory. */
  readonly floor?: KiB | undefined;
  /** The most that the balloon can leave. */
  readonly memory?: KiB | undefined;
  /** Its share beside others when there is too little for all; 1 if absent. */
  readonly weight?: number | undefined;
  readonly exempt?: Exemption | undefined;
  /** Host memory that the guest occupies. */
  readonly resident?: KiB | undefined;
  /** Time of the statistics below, in seconds on the clock of the guest's reports; absent before the first report. */
  readonly reportedAt?: number | undefined;
  /** The total by the guest's kernel. */
  readonly available?: KiB | undefined;
  readonly unused?: KiB | undefined;
  /** Unused memory plus what the guest can free without swapping. */
  readonly usable?: KiB | undefined;
  readonly diskCaches?: KiB | undefined;
  /** Swapped in and out since boot. */
  readonly swapIn?: KiB | undefined;
  readonly swapOut?: KiB | undefined;
  /** Since boot. */
  readonly majorFaults?: number | undefined;
}

/** Why a guest has the target that it has, in numbers. */
export interface Reason {
  /** The rule that chose the target, or that chose to leave the guest alone. */
  readonly rule: string;
  /** What limited the target, if it is not what the rule alone would give. */
  readonly bound?: string;
  /** The figures that the rule used; KiB unless named otherwise. */
  readonly inputs: Readonly<Record<string, number>>;
}

export interface Decision {
  readonly name: string;
  /** What the balloon is to leave; absent if the guest is left as it is. */
  readonly target?: KiB;
  /** The target before it was rounded to KiB. */
  readonly unrounded?: number;
  readonly reason: Reason;
}

/** How the host stands in a round, in numbers. */
export interface HostReason {
  /**
   * `enough` at its goal or above, `short` below it, `critical` below its reserve, `stalled` if its tasks wait for
   * memory although there is enough, `unknown` without a figure of its memory.
   */
  readonly state: 'enough' | 'short' | 'critical' | 'stalled' | 'unknown';
  /** KiB unless named otherwise. */
  readonly inputs: Readonly<Record<string, number>>;
}

/** One round's decisions, in the order of the guests, and what the next round needs to know of this one. */
export interface Outcome<Memory> {
  readonly decisions: readonly Decision[];
  readonly hostReason: HostReason;
  readonly memory: Memory;
  /** Why MoM's own engine would have sent nothing at all in this round; absent if it would not have failed. */
  readonly momAborts?: string;
}
