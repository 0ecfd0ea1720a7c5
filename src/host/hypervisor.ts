import type { SlotRule } from '../domain-xml/slots.ts';
import type { CpuTune, MemoryDevice } from '../domain-xml/types.ts';
import type { KiB, Milliseconds, Seconds } from '../common/units.ts';

/** A domain's state as the hypervisor knows it, without a call to the guest. */
export type DomainState =
  'running' | 'paused' | 'shutting-down' | 'shut-off' | 'crashed' | 'pm-suspended';

export interface DomainSummary {
  /** In lower case. */
  readonly uuid: string;
  readonly name: string;
  readonly state: DomainState;
  /** libvirt's reason for the state (virDomain…Reason). */
  readonly reason: number;
}

/**
 * One sample of a domain's memory and CPU figures; figures that the hypervisor does not report are undefined. Sizes in
 * KiB.
 */
export interface BalloonSample {
  readonly state: DomainState;
  readonly vcpus?: number | undefined;
  /** Nanoseconds of CPU time since start. */
  readonly cpuTimeNs?: bigint | undefined;
  /**
   * The part of it that counts as user and system time: by the hypervisor's accounting, or else all of it. Absent for a
   * sample that could not be accounted.
   */
  readonly cpuAccountedNs?: bigint | undefined;
  readonly current?: KiB | undefined;
  readonly maximum?: KiB | undefined;
  readonly available?: KiB | undefined;
  readonly unused?: KiB | undefined;
  readonly usable?: KiB | undefined;
  readonly diskCaches?: KiB | undefined;
  readonly rss?: KiB | undefined;
  readonly swapIn?: KiB | undefined;
  readonly swapOut?: KiB | undefined;
  readonly majorFaults?: number | undefined;
  readonly minorFaults?: number | undefined;
  /** Time of the guest driver's last report, in seconds since 1970; 0 before the first report. */
  readonly lastUpdate?: Seconds | undefined;
}

export type LifecycleEvent =
  | 'defined'
  | 'undefined'
  | 'started'
  | 'suspended'
  | 'resumed'
  | 'stopped'
  | 'shutdown'
  | 'pm-suspended'
  | 'crashed';

/** Events of the hypervisor. After `reconnected`, list the domains again: events may have been lost. */
export type HostEvent =
  | {
      readonly kind: 'lifecycle';
      readonly uuid: string;
      readonly name: string;
      readonly event: LifecycleEvent;
      /** libvirt's detail of the event (virDomainEvent…DetailType). */
      readonly detail: number;
      /** libvirt's id of the run, as in the live XML; absent if the domain did not run then. */
      readonly run?: string;
    }
  /** The guest has rebooted within the same run: after a reset, on request or from inside. */
  | { readonly kind: 'reboot'; readonly uuid: string }
  | { readonly kind: 'balloon-change'; readonly uuid: string; readonly current: KiB }
  | {
      readonly kind: 'device-added' | 'device-removed' | 'device-removal-failed';
      readonly uuid: string;
      /** As in the domain XML: `dimm0`, `ua-…`. */
      readonly alias: string;
    }
  | {
      readonly kind: 'memory-device-size-change';
      readonly uuid: string;
      readonly alias: string;
      readonly size: KiB;
    }
  | { readonly kind: 'metadata-change'; readonly uuid: string }
  | { readonly kind: 'disconnected'; readonly reason: string }
  | { readonly kind: 'reconnected' };

/** Memory of the host in KiB; unknown figures are absent. */
export interface HostMemory {
  readonly total: KiB;
  readonly free: KiB;
  readonly buffers?: KiB;
  readonly cached?: KiB;
}

export interface HostNode {
  readonly hostname: string;
  /** libvirt's name of the architecture: x86_64, ppc64, aarch64. */
  readonly arch: string;
  readonly cpuModel: string;
  /** CPU models that guests on this host can have, by libvirt's names; empty if libvirt does not report them. */
  readonly cpuModels: readonly string[];
  readonly cpuMhz: number;
  readonly cpus: number;
  /** In the whole machine. */
  readonly sockets: number;
  /** In each socket. */
  readonly cores: number;
  /** In each core. */
  readonly threads: number;
  /** MAJOR × 1 000 000 + MINOR × 1 000 + RELEASE. */
  readonly libvirtVersion: number;
  readonly hypervisorVersion: number;
  /** libvirt's capabilities XML; empty if there is none. */
  readonly capabilitiesXml: string;
}

/** Why a hypervisor call failed. */
export type HypervisorErrorKind =
  | 'no-domain'
  | 'exists'
  | 'invalid'
  | 'unsupported'
  | 'refused'
  | 'timed-out'
  | 'unreachable'
  | 'failed';

/** A failed hypervisor call, with the hypervisor's own message. */
export class HypervisorError extends Error {
  override readonly name = 'HypervisorError';
  readonly kind: HypervisorErrorKind;

  constructor(kind: HypervisorErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Returns whether a call failed since there is no connection, which the event `disconnected` has reported. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof HypervisorError && error.kind === 'unreachable';

/** Returns whether a call that failed with this error may have taken effect, or may still do so. */
export const mayStillHappen = (error: unknown): boolean =>
  error instanceof HypervisorError && ['timed-out', 'unreachable'].includes(error.kind);

/** CPU limits that the hypervisor enforces, in microseconds. */
export type CpuLimits = Pick<CpuTune, 'quota' | 'period'>;

/** Limits one call: it fails as `timed-out` after `timeout`, or as soon as `signal` aborts. */
export interface CallOptions {
  readonly timeout?: Milliseconds;
  readonly signal?: AbortSignal;
}

export interface SampleOptions extends CallOptions {
  /**
   * Returns whether the balloon's size must be QEMU's own, as the hypervisor's note of it may be old; by default it need
   * not be.
   */
  readonly isUnsettled?: (uuid: string) => boolean;
}

export interface DetachOptions extends CallOptions {
  /** The device as just read; it is looked up unless given. */
  readonly device?: MemoryDevice;
}

/** One element of a domain's metadata. */
export interface MetadataElement {
  readonly prefix: string;
  readonly uri: string;
  /** Without namespace prefixes. */
  readonly xml: string;
  /** The running domain or its next-run configuration; by default both, as far as they exist. */
  readonly where?: 'live' | 'next-run';
}

/** How a new domain is started. */
export interface NewRun {
  readonly paused: boolean;
  /** Called once the domain is defined, before it is started: from then on it outlives this process. */
  readonly onDefined?: () => void;
}

/** The daemon that manages the domains, which other programs on this machine reach too. */
export interface Daemon {
  /** libvirt's driver: qemu, test … */
  readonly driver: string;
  /** The folder of its socket. */
  readonly folder: string;
}

/**
 * The interface between vmemd and whatever runs the domains; every call throws {@link HypervisorError}. Domains are
 * named by their UUID in lower case; XML is libvirt's.
 */
export interface Hypervisor {
  /** For messages: "libvirt at qemu:///system" or "a simulated host". */
  readonly description: string;
  readonly isConnected: boolean;
  /** Whether its domains run on this machine, so that this machine's kernel settings affect them. */
  readonly isReal: boolean;
  /** Whether calls that change a domain are refused. */
  readonly isReadOnly: boolean;
  /** Undefined for domains that only this process reaches. */
  readonly daemon: Daemon | undefined;
  /** libvirt's rule for memory slots in the version last connected to. */
  readonly slotRule: SlotRule;
  /** UUIDs of domains that have a call past its time limit without a reply: their QEMU hangs. */
  readonly hungDomains: ReadonlySet<string>;
  /** UUIDs of domains that may hang too: they show no sign of life, and are not called while others hang. */
  readonly silentDomains: ReadonlySet<string>;

  /** Connects. Rejects if the first attempt fails; later it reconnects by itself until it is closed. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** Calls `listener` for each event from now on. Returns a function that removes it. */
  listen(listener: (event: HostEvent) => void): () => void;

  listDomains(options?: CallOptions): Promise<DomainSummary[]>;
  /** Defines and starts a domain; undefines it again if it cannot be started. */
  createDomain(xml: string, how: NewRun, options?: CallOptions): Promise<DomainSummary>;
  undefineDomain(uuid: string, options?: CallOptions): Promise<void>;
  destroyDomain(uuid: string, how: { graceful: boolean }, options?: CallOptions): Promise<void>;
  shutdownDomain(uuid: string, options?: CallOptions): Promise<void>;
  rebootDomain(uuid: string, options?: CallOptions): Promise<void>;
  resetDomain(uuid: string, options?: CallOptions): Promise<void>;
  suspendDomain(uuid: string, options?: CallOptions): Promise<void>;
  resumeDomain(uuid: string, options?: CallOptions): Promise<void>;
  /** Returns the live XML of a running domain, otherwise its persistent XML. */
  domainXml(uuid: string, options?: CallOptions): Promise<string>;
  /** Returns the next-run configuration without secrets, or undefined for a transient domain. */
  nextRunXml(uuid: string, options?: CallOptions): Promise<string | undefined>;
  /** Replaces the next-run configuration and keeps its secrets; throws `refused` for a transient domain. */
  setNextRunXml(uuid: string, xml: string, options?: CallOptions): Promise<void>;
  setMetadata(uuid: string, metadata: MetadataElement, options?: CallOptions): Promise<void>;
  /**
   * Replaces an element of the next run's metadata by what `edit` makes of that configuration. Returns false, with
   * nothing done, for a transient domain.
   */
  editNextRunMetadata(
    uuid: string,
    edit: (nextRunXml: string) => Omit<MetadataElement, 'where'>,
    options?: CallOptions,
  ): Promise<boolean>;

  /** Returns whether the domain is being migrated, saved or dumped: until then it takes no other change. */
  isMoving(uuid: string, options?: CallOptions): Promise<boolean>;
  setBalloon(uuid: string, target: KiB, options?: CallOptions): Promise<void>;
  setStatsPeriod(uuid: string, period: Seconds, options?: CallOptions): Promise<void>;
  /** Sets CPU limits of a running domain; absent limits stay unchanged. */
  setCpuTune(uuid: string, limits: CpuLimits, options?: CallOptions): Promise<void>;
  attachDevice(uuid: string, xml: string, options?: CallOptions): Promise<void>;
  /**
   * Sets the `<requested>` size of a virtio-mem device, in whole blocks; `memory-device-size-change` reports the size
   * that the guest reaches.
   */
  requestDeviceMemory(
    uuid: string,
    alias: string,
    requested: KiB,
    options?: CallOptions,
  ): Promise<void>;
  /** Requests the removal of a device; `device-removed` or `device-removal-failed` reports the outcome. */
  detachDevice(uuid: string, alias: string, options?: DetachOptions): Promise<void>;
  /** Returns one sample of each running or paused domain that answered in time, by UUID. */
  sampleAll(options?: SampleOptions): Promise<ReadonlyMap<string, BalloonSample>>;

  node(options?: CallOptions): Promise<HostNode>;
  hostMemory(options?: CallOptions): Promise<HostMemory>;
}
