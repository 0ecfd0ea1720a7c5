/** How many faults there were, by kind. */
export interface FaultCounts {
  refused: number;
  late: number;
  lost: number;
  twice: number;
  cut: number;
  /** What guests did by themselves, or was done to their QEMU. */
  guests: number;
}

/** What the process of vmemd has, after its garbage is collected. */
export interface Figures {
  /** Bytes. */
  readonly heap: number;
  readonly external: number;
  readonly rss: number;
  /** Characters that the audit trail keeps, which are bounded. */
  readonly trail: number;
  readonly fds: number;
  readonly sockets: number;
  /** Handles and requests that Node counts as active. */
  readonly resources: number;
  readonly timers: number;
  /** Of all emitters and abort signals that are reachable. */
  readonly listeners: number;
  /** Of the host's events. */
  readonly hostListeners: number;
  /** Emitters by the name of their class, and how many listeners they have. */
  readonly emitters: Readonly<Record<string, readonly [count: number, listeners: number]>>;
  /** Seconds of processor time since the start. */
  readonly cpu: number;
  readonly calls: number;
  readonly faults: FaultCounts;
}

/** A domain as the host has it, read beside vmemd. */
export interface DomainOnHost {
  readonly uuid: string;
  readonly name: string;
  readonly state: string;
  readonly xml: string;
  readonly nextRunXml: string | undefined;
  /** In KiB; undefined if it does not run. */
  readonly balloonTarget: number | undefined;
}

export interface HostState {
  /** Whether a call is still to be performed that came late. */
  readonly hasLate: boolean;
  readonly domains: readonly DomainOnHost[];
}

/** What the program is asked over its channel, and what it replies. */
export interface Asked {
  readonly figures: Figures;
  readonly state: HostState;
  /** Faults happen from now on. */
  readonly stir: true;
  /** No more faults happen; guests behave. */
  readonly calm: true;
  /** The connection is lost and made again, upon which vmemd compares all VMs at once instead of within a minute. */
  readonly reconnect: true;
}

export interface Question {
  readonly id: number;
  readonly ask: keyof Asked;
}

export interface Reply {
  readonly id: number;
  readonly reply: unknown;
}
