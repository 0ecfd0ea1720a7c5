import type { KiB, MiB, Seconds } from '../common/units.ts';

export interface DimmAddress {
  readonly slot: number;
  /** Guest physical address, hexadecimal with 0x. */
  readonly base?: string;
}

/** One `<memory>` device. */
export interface MemoryDevice {
  /** dimm, nvdimm, virtio-mem, virtio-pmem … */
  readonly model: string;
  readonly size: KiB;
  readonly node: number;
  readonly alias?: string;
  readonly address?: DimmAddress;
  /** Only for virtio-mem. */
  readonly virtioMem?: VirtioMem;
}

/** The sizes of a virtio-mem device. */
export interface VirtioMem {
  /** It grows and shrinks by whole blocks of this size. */
  readonly block: KiB;
  readonly requested: KiB;
  /** The size in use by the guest; 0 if not reported. */
  readonly current: KiB;
}

/** oVirt's metadata that concern memory; edits keep everything else. */
export interface OvirtMetadata {
  /** The engine's guarantee at creation. */
  readonly minGuaranteedMemoryMb?: MiB;
  /** The guarantee in force; takes precedence over the engine's. */
  readonly memGuaranteedSize?: MiB;
  /** The last requested target. */
  readonly balloonTarget?: KiB;
  /** vmemd's own: the memory that the target was set for, as plugging memory changes what a target means. */
  readonly balloonTargetMemory?: KiB;
  /** vmemd's own: how the target came about, as JSON. */
  readonly balloonStory?: string;
  /** vmemd's own: this run's memory operations as JSON. */
  readonly memoryJobs?: string;
  readonly ballooningEnabled?: boolean;
  readonly launchPaused?: boolean;
  /** vmemd's own: the statistics period that a client has set for this VM. */
  readonly memStatsPeriod?: Seconds;
  /** vmemd's own: the UUID of a domain created by vmemd; a copy with another UUID does not belong to vmemd. */
  readonly ownedUuid?: string;
  /** vmemd's own: the UUID of the domain for which the target, its story and the operations were written. */
  readonly keptFor?: string;
}

export interface Balloon {
  /** virtio, virtio-transitional, virtio-non-transitional, xen or none. */
  readonly model: string;
  readonly statsPeriod?: Seconds;
  readonly autodeflate?: boolean;
  readonly freePageReporting?: boolean;
}

/** A domain's CPU limits; absent if unlimited. */
export interface CpuTune {
  /** Microseconds per period that a virtual CPU may run; -1 for all. */
  readonly quota?: number;
  /** Microseconds. */
  readonly period?: number;
  /** The engine's policy limit in percent, from oVirt's metadata. */
  readonly userLimit?: number;
}

/** A display of a domain; absent parts are unknown until the domain runs. */
export interface Display {
  readonly type: 'vnc' | 'spice';
  readonly port?: number;
  readonly tlsPort?: number;
  readonly address?: string;
}

/** The parts of a domain's XML that vmemd reads. */
export interface Domain {
  readonly uuid: string;
  readonly name: string;
  /** libvirt's id of this run; absent while the domain does not run. */
  readonly run?: string;
  /** kvm, qemu, test … */
  readonly type: string;
  readonly arch: string;
  readonly machine: string;
  readonly vcpus: number;
  /** Whether the guest has an ACPI power button. */
  readonly hasAcpi: boolean;
  /** `<memory>`: boot memory plus plugged devices in live XML. */
  readonly memory: KiB;
  readonly currentMemory: KiB;
  readonly maxMemory?: { readonly size: KiB; readonly slots: number };
  /** The number of NUMA cells; with 0 no DIMM can be plugged. */
  readonly numaCells: number;
  readonly minGuarantee?: KiB;
  /** Absent if the domain has no `<memballoon>`. */
  readonly balloon?: Balloon;
  readonly memoryDevices: readonly MemoryDevice[];
  /** Absent if there are none. */
  readonly displays?: readonly Display[];
  /** Absent if nothing is limited. */
  readonly cpuTune?: CpuTune;
  /** CPU shares (`<cputune><shares>`), which oVirt sets to 512, 1024 or 2048; absent if none are set. */
  readonly cpuShares?: number;
  /** Why its balloon frees nothing on the host; absent if it does. */
  readonly pinned?: 'hugepages' | 'locked' | 'assigned-device';
  /** Absent if the domain has no oVirt metadata. */
  readonly metadata?: OvirtMetadata;
  /** A digest of `<devices>` that changes when a device is added, removed or gets another address. */
  readonly devicesHash: string;
}

/** XML of a domain or device that vmemd does not accept; the message says what is wrong. */
export class DomainXmlError extends Error {
  override readonly name = 'DomainXmlError';

  constructor(message: string, options?: ErrorOptions) {
    super(message.replace(TOO_LONG, '$1 … $2'), options);
  }
}

// Quoted input may be long; the advice at the end must stay.
const TOO_LONG = /^(.{200}).{200,}(.{80})$/s;
