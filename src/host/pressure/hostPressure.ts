import type { KiB } from '../../common/units.ts';

/** Memory of the host at one moment; unknown figures are absent. */
export interface HostPressure {
  readonly total: KiB;
  /** What the host and guests without huge pages can have: the total without these, at most the limit. */
  readonly capacity: KiB;
  /** MemFree: what is used for nothing, not even as a cache. */
  readonly unused?: KiB;
  /** What the kernel keeps of files and can drop; without guest memory in files. */
  readonly caches?: KiB;
  /** MemFree, buffers and cached together, in which shared memory counts as free: MoM's measure. At most the limit's. */
  readonly free?: KiB;
  /** What can be used without swapping: MemAvailable without files that are guest memory. At most the limit's. */
  readonly available?: KiB;
  /** Guest memory in ordinary files. */
  readonly fileBacked: KiB;
  /** Address space of the guests' processes: MoM's estimate of what KSM could merge. */
  readonly shareable: KiB;
  readonly swapTotal?: KiB;
  readonly swapFree?: KiB;
  /** Read from swap since boot. */
  readonly swapIn?: KiB;
  /** Written to swap since boot. */
  readonly swapOut?: KiB;
  /** KiB per second over the last 10 s. */
  readonly swapRate?: { readonly in: number; readonly out: number };
  /** Percentage of the last 10 s in which some task waited for memory (PSI). */
  readonly stall?: number;
  /** Time that tasks have waited for memory since boot (PSI). */
  readonly stalls?: StallTimes;
  /** By size; no part of `available`. */
  readonly hugepages: readonly Hugepages[];
  readonly nodes: readonly NodeMemory[];
  /** The limit of the guests' control group that leaves them least; absent if none is set. */
  readonly limit?: GroupLimit;
}

/** Seconds since boot in which some task, or every task that could run, waited for memory. */
export interface StallTimes {
  readonly some: number;
  readonly full?: number;
}

/** Huge pages of one size. */
export interface Hugepages {
  readonly size: KiB;
  readonly total: number;
  readonly free: number;
}

/** Memory of one NUMA node. */
export interface NodeMemory {
  readonly index: number;
  readonly total: KiB;
  readonly free: KiB;
}

/** A memory limit of a control group. */
export interface GroupLimit {
  /** The file with the limit. */
  readonly path: string;
  readonly limit: KiB;
  /** What the group uses, without the file cache that the kernel can drop. */
  readonly used: KiB;
}
