import type { CpuTune } from '../domain-xml/types.ts';
import type { KiB, Milliseconds, Seconds } from '../common/units.ts';

/** What a hypervisor can say of a domain without asking the guest. */
export type DomainState =
  'running' | 'paused' | 'shutting-down' | 'shut-off' | 'crashed' | 'pm-suspended';

export interface DomainSummary {
  /** Lower case. */
  readonly uuid: string;
  readonly name: string;
  readonly state: DomainState;
  /** libvirt's detail of the state (virDomain…Reason). */
  readonly reason: number;
}

/** The balloon's figures of one domain at one moment; what the hypervisor did not give is absent. Sizes in KiB. */
export interface BalloonSample {
  readonly state: DomainState;
  readonly vcpus?: number;
  /** Nanoseconds of CPU time since start. */
  readonly cpuTimeNs?: bigint;
  readonly current?: KiB;
  readonly maximum?: KiB;
  readonly available?: KiB;
  readonly unused?: KiB;
  readonly usable?: KiB;
  readonly diskCaches?: KiB;
  readonly rss?: KiB;
  readonly swapIn?: KiB;
  readonly swapOut?: KiB;
  readonly majorFaults?: number;
  readonly minorFaults?: number;
  /** Wall-clock seconds since 1970 of the guest driver's last report; 0 until it has reported. */
  readonly lastUpdate?: Seconds;
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

/** What a hypervisor reports unasked. `reconnected` means that events may have been lost: list again. */
export type HostEvent =
  | {
      readonly kind: 'lifecycle';
      readonly uuid: string;
      readonly name: string;
      readonly event: LifecycleEvent;
      /** libvirt's detail of the event (virDomainEvent…DetailType). */
      readonly detail: number;
    }
  /** The guest has started anew within the same run: by a reset, or rebooted from inside or by request. */
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

/** Memory of the host itself, in KiB; absent where it is not known. */
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
  /** Models of processors that guests here can have, by libvirt's names; none where it does not tell. */
  readonly cpuModels: readonly string[];
  readonly cpuMhz: number;
  readonly cpus: number;
  /** Of the whole machine. */
  readonly sockets: number;
  /** Of each socket. */
  readonly cores: number;
  /** Of each core. */
  readonly threads: number;
  /** MAJOR × 1 000 000 + MINOR × 1 000 + RELEASE. */
  readonly libvirtVersion: number;
  readonly hypervisorVersion: number;
  /** The hypervisor's own description, libvirt's capabilities XML; empty where there is none. */
  readonly capabilitiesXml: string;
}

/** Why a hypervisor did not do what it was asked. */
export type HypervisorErrorKind =
  | 'no-domain'
  | 'exists'
  | 'invalid'
  | 'unsupported'
  | 'refused'
  | 'timed-out'
  | 'unreachable'
  | 'failed';

/** A hypervisor's no, with its own words as message. */
export class HypervisorError extends Error {
  override readonly name = 'HypervisorError';
  readonly kind: HypervisorErrorKind;

  constructor(kind: HypervisorErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The limits that a hypervisor enforces, in microseconds. */
export type CpuLimits = Pick<CpuTune, 'quota' | 'period'>;

/** Bounds one operation: it fails as `timed-out` after `timeout`, or as soon as `signal` aborts. */
export interface CallOptions {
  readonly timeout?: Milliseconds;
  readonly signal?: AbortSignal;
}

/** One element of a domain's metadata. */
export interface MetadataElement {
  readonly prefix: string;
  readonly uri: string;
  /** Unprefixed. */
  readonly xml: string;
  /** Of this run, or of the configuration that the next one begins with; unless given, of both as far as they are. */
  readonly where?: 'live' | 'next-run';
}

/**
 * All that vmemd asks of whatever runs the domains; every operation throws {@link HypervisorError}.
 * Domains are named by their UUID in lower case, XML is libvirt's.
 */
export interface Hypervisor {
  /** For people: "libvirt at qemu:///system" or "a simulated host". */
  readonly description: string;
  readonly isConnected: boolean;
  /** Whether its domains run on this machine, so that there is something to tune here for them. */
  readonly isReal: boolean;

  /** Connects; rejects if that fails the first time, afterwards reconnects by itself until closed. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** Calls `listener` for each event from now on; the answer takes it back. */
  listen(listener: (event: HostEvent) => void): () => void;

  listDomains(bound?: CallOptions): Promise<DomainSummary[]>;
  /** Defines a domain and starts it; what cannot be started is undefined again. */
  createDomain(
    xml: string,
    options: { paused: boolean },
    bound?: CallOptions,
  ): Promise<DomainSummary>;
  undefineDomain(uuid: string, bound?: CallOptions): Promise<void>;
  destroyDomain(uuid: string, options: { graceful: boolean }, bound?: CallOptions): Promise<void>;
  shutdownDomain(uuid: string, bound?: CallOptions): Promise<void>;
  rebootDomain(uuid: string, bound?: CallOptions): Promise<void>;
  resetDomain(uuid: string, bound?: CallOptions): Promise<void>;
  suspendDomain(uuid: string, bound?: CallOptions): Promise<void>;
  resumeDomain(uuid: string, bound?: CallOptions): Promise<void>;
  /** The live XML of a running domain, else the persistent one. */
  domainXml(uuid: string, bound?: CallOptions): Promise<string>;
  /** The configuration that the next run begins with, without secrets; undefined for a domain that has none. */
  nextRunXml(uuid: string, bound?: CallOptions): Promise<string | undefined>;
  /** Replaces that configuration, in which secrets stay; throws `refused` where there is none to replace. */
  setNextRunXml(uuid: string, xml: string, bound?: CallOptions): Promise<void>;
  setMetadata(uuid: string, metadata: MetadataElement, bound?: CallOptions): Promise<void>;

  setBalloon(uuid: string, target: KiB, bound?: CallOptions): Promise<void>;
  setStatsPeriod(uuid: string, period: Seconds, bound?: CallOptions): Promise<void>;
  /** Limits how much CPU a running domain may have; what is absent stays as it is. */
  setCpuTune(uuid: string, limits: CpuLimits, bound?: CallOptions): Promise<void>;
  attachDevice(uuid: string, xml: string, bound?: CallOptions): Promise<void>;
  /**
   * Asks the guest of a virtio-mem device to take up or leave just `requested` of it, in whole blocks;
   * `memory-device-size-change` tells how far it gets.
   */
  requestDeviceMemory(
    uuid: string,
    alias: string,
    requested: KiB,
    bound?: CallOptions,
  ): Promise<void>;
  /** Asks for the removal; `device-removed` or `device-removal-failed` tells how that ended. */
  detachDevice(uuid: string, alias: string, bound?: CallOptions): Promise<void>;
  /** One sample of every running or paused domain that answered in time, by UUID. */
  sampleAll(bound?: CallOptions): Promise<ReadonlyMap<string, BalloonSample>>;

  node(bound?: CallOptions): Promise<HostNode>;
  hostMemory(bound?: CallOptions): Promise<HostMemory>;
}
