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
  /** How much of it the guest may use; of virtio-mem alone. */
  readonly virtioMem?: VirtioMem;
}

/** A device of which the guest uses as much as it is asked to. */
export interface VirtioMem {
  /** In whole ones of these it grows and shrinks. */
  readonly block: KiB;
  readonly requested: KiB;
  /** What the guest uses now; 0 unless told. */
  readonly current: KiB;
}

/** oVirt's metadata as far as memory is concerned; everything else in it is kept untouched by the edits. */
export interface OvirtMetadata {
  /** The engine's guarantee at creation. */
  readonly minGuaranteedMemoryMb?: MiB;
  /** The guarantee in force; wins over the engine's. */
  readonly memGuaranteedSize?: MiB;
  /** The last target that was asked for. */
  readonly balloonTarget?: KiB;
  /** Ours: the memory that the target was meant for, since plugging changes what a target means. */
  readonly balloonTargetMemory?: KiB;
  /** Ours: what is being done to the memory devices of this run, and how it ended, as JSON. */
  readonly memoryJobs?: string;
  readonly ballooningEnabled?: boolean;
  readonly launchPaused?: boolean;
  /** Ours: the statistics period that a client chose for this VM. */
  readonly memStatsPeriod?: Seconds;
  /** Ours: the UUID of the domain that vmemd made; a copy of it, under another UUID, is somebody else's. */
  readonly ownedUuid?: string;
}

export interface Balloon {
  /** virtio, virtio-transitional, virtio-non-transitional, xen or none. */
  readonly model: string;
  readonly statsPeriod?: Seconds;
  readonly autodeflate?: boolean;
  readonly freePageReporting?: boolean;
}

/** How much CPU a domain may have; what is not limited is absent. */
export interface CpuTune {
  /** Microseconds of each period that a virtual CPU may run; -1 for all. */
  readonly quota?: number;
  /** Microseconds. */
  readonly period?: number;
  /** Percent that the engine's policy leaves it, from oVirt's metadata. */
  readonly userLimit?: number;
}

/** What vmemd reads from a domain's XML. */
export interface Domain {
  readonly uuid: string;
  readonly name: string;
  /** Which of the host's runs of domains this is, counted by libvirt; absent while the domain does not run. */
  readonly run?: string;
  /** kvm, qemu, test … */
  readonly type: string;
  readonly arch: string;
  readonly machine: string;
  readonly vcpus: number;
  /** Whether the guest has a power button to be asked with. */
  readonly hasAcpi: boolean;
  /** `<memory>`: boot memory plus plugged devices in live XML. */
  readonly memory: KiB;
  readonly currentMemory: KiB;
  readonly maxMemory?: { readonly size: KiB; readonly slots: number };
  /** How many NUMA cells the guest has; 0 means that no DIMM can be plugged. */
  readonly numaCells: number;
  readonly minGuarantee?: KiB;
  /** Absent where the domain has no `<memballoon>`. */
  readonly balloon?: Balloon;
  readonly memoryDevices: readonly MemoryDevice[];
  /** Absent where nothing is limited. */
  readonly cpuTune?: CpuTune;
  /** Absent where the domain carries no oVirt metadata at all. */
  readonly metadata?: OvirtMetadata;
  /** A digest of the `<devices>`: changes whenever a device comes, goes or gets another address. */
  readonly devicesHash: string;
}

/** A domain or device XML that vmemd does not take; the message says what is wrong, for people. */
export class DomainXmlError extends Error {
  override readonly name = 'DomainXmlError';

  constructor(message: string, options?: ErrorOptions) {
    super(message.replace(TOO_LONG, '$1 … $2'), options);
  }
}

// What is wrong is quoted, however long; the advice stands at the end.
const TOO_LONG = /^(.{200}).{200,}(.{80})$/s;
