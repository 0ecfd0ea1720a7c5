import { KiB, type Milliseconds, type Seconds } from '../../../common/units.ts';
import type { Behaviour } from './behaviour.ts';
import { type Contents, empty, type Workload } from './workload.ts';

/** A DIMM as the guest sees it; `onlineAt` and `answerAt` are ages. */
export interface GuestDimm {
  readonly alias: string;
  readonly size: KiB;
  readonly online: boolean;
  readonly onlineAt?: number;
  readonly answerAt?: number;
}

/** A virtio-mem device as the guest sees it. */
export interface GuestVirtioMem {
  readonly alias: string;
  readonly size: KiB;
  /** It grows and shrinks by whole blocks of this size. */
  readonly block: KiB;
  readonly requested: KiB;
  readonly current: KiB;
  /** The `current` of the last event to the host. */
  readonly reported: KiB;
  /** The age of its next change in size. */
  readonly moveAt?: number;
}

/** The balloon driver's last statistics. */
export interface Report {
  /** On the host's clock. */
  readonly at: Milliseconds;
  readonly available: KiB;
  readonly unused: KiB;
  readonly usable: KiB;
  readonly diskCaches: KiB;
  readonly swapIn: KiB;
  readonly swapOut: KiB;
  readonly majorFaults: number;
  readonly minorFaults: number;
}

/**
 * A guest at one moment: a value that `advance` moves forward. Ages are milliseconds of running time since power-on;
 * pauses do not count.
 */
export interface Guest {
  readonly behaviour: Behaviour;
  /** Seed of all of this guest's random properties. */
  readonly seed: number;
  /** The host's clock at age 0, plus the time of all pauses. */
  readonly bornAt: Milliseconds;
  readonly age: number;
  readonly vcpus: number;
  /** CPU milliseconds before the last power-on. */
  readonly cpuTimeBefore: number;
  readonly booted: boolean;
  readonly hasBalloon: boolean;
  /** Whether the balloon returns memory when the guest runs out of it: VIRTIO_BALLOON_F_DEFLATE_ON_OOM. */
  readonly autodeflate: boolean;
  readonly bootMemory: KiB;
  readonly dimms: readonly GuestDimm[];
  readonly virtioMems: readonly GuestVirtioMem[];
  /** The balloon size that the host has requested. */
  readonly requested: KiB;
  /**
   * Whether the balloon has reached the requested size. After that it does not take back memory that it returns, until
   * the next request.
   */
  readonly reachedRequest: boolean;
  /** The balloon's movement from one size to another, at the balloon rate. */
  readonly balloon: { readonly from: number; readonly to: number; readonly since: number };
  /** How much memory its programs use. */
  readonly workingSet: KiB;
  /** The mean that the working set varies around. */
  readonly usualWorkingSet: KiB;
  /** Swapped memory already counted in `swapIn` and `swapOut`; KiB. */
  readonly inSwap: number;
  readonly swapIn: number;
  readonly swapOut: number;
  /** Of the statistics; 0 turns them off. */
  readonly period: Seconds;
  readonly periodSince: number;
  readonly report?: Report;
  readonly shutdownAt?: number;
  /** What programs do with memory; without it only the size of the working set counts. */
  readonly workload?: Workload;
  readonly contents?: Contents;
}

export type PowerOn = Pick<
  Guest,
  | 'behaviour'
  | 'seed'
  | 'bornAt'
  | 'vcpus'
  | 'cpuTimeBefore'
  | 'hasBalloon'
  | 'autodeflate'
  | 'bootMemory'
  | 'requested'
  | 'period'
  | 'workingSet'
> & {
  readonly workload?: Workload;
  readonly dimms: readonly { readonly alias: string; readonly size: KiB }[];
  readonly virtioMems: readonly Omit<GuestVirtioMem, 'current' | 'moveAt'>[];
};

/**
 * Returns a guest at age 0. Firmware presents the DIMMs that are plugged as memory in use; virtio-mem is unused until
 * its driver runs.
 */
export const powerOn = (given: PowerOn): Guest => ({
  behaviour: given.behaviour,
  seed: given.seed,
  bornAt: given.bornAt,
  vcpus: given.vcpus,
  cpuTimeBefore: given.cpuTimeBefore,
  hasBalloon: given.hasBalloon,
  autodeflate: given.autodeflate,
  bootMemory: given.bootMemory,
  requested: given.requested,
  reachedRequest: false,
  period: given.period,
  workingSet: given.workingSet,
  age: 0,
  booted: false,
  dimms: given.dimms.map(({ alias, size }) => ({ alias, size, online: true })),
  virtioMems: given.virtioMems.map(({ alias, size, block, requested, reported }) => ({
    alias,
    size,
    block,
    requested,
    current: KiB(0),
    reported,
  })),
  balloon: { from: 0, to: 0, since: 0 },
  usualWorkingSet: given.workingSet,
  inSwap: 0,
  swapIn: 0,
  swapOut: 0,
  periodSince: 0,
  ...(given.workload && { workload: given.workload, contents: empty }),
});
