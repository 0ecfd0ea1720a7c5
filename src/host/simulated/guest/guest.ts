import { KiB, type Milliseconds, type Seconds } from '../../../common/units.ts';
import type { Behaviour } from './behaviour.ts';

/** One memory device as the guest sees it; ages at which something is due. */
export interface GuestDimm {
  readonly alias: string;
  readonly size: KiB;
  readonly online: boolean;
  readonly onlineAt?: number;
  readonly answerAt?: number;
}

/** One virtio-mem device as the guest sees it. */
export interface GuestVirtioMem {
  readonly alias: string;
  readonly size: KiB;
  /** In whole ones of these it grows and shrinks. */
  readonly block: KiB;
  readonly requested: KiB;
  readonly current: KiB;
  /** The `current` that the host was told of last. */
  readonly reported: KiB;
  /** The age at which it grows or shrinks next. */
  readonly moveAt?: number;
}

/** What the balloon driver said last. */
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
 * A guest at one moment of its life: a value, moved on by
 * `advance`. Ages are milliseconds of running since power-on, so a
 * guest knows nothing of the time it was paused.
 */
export interface Guest {
  readonly behaviour: Behaviour;
  /** Of everything about this guest that is left to chance. */
  readonly seed: number;
  /** The host's clock at age 0, put off by every pause. */
  readonly bornAt: Milliseconds;
  readonly age: number;
  readonly vcpus: number;
  /** Milliseconds that its CPUs had worked before the last power-on. */
  readonly cpuTimeBefore: number;
  readonly booted: boolean;
  readonly hasBalloon: boolean;
  /** Whether the balloon gives memory back when the guest runs out of it: VIRTIO_BALLOON_F_DEFLATE_ON_OOM. */
  readonly autodeflate: boolean;
  readonly bootMemory: KiB;
  readonly dimms: readonly GuestDimm[];
  readonly virtioMems: readonly GuestVirtioMem[];
  /** The size of the balloon that the host asks for. */
  readonly requested: KiB;
  /** Whether the balloon has been as large as requested: what it gives back since then it takes only when asked anew. */
  readonly reachedRequest: boolean;
  /** The balloon moves from one size to another at its rate. */
  readonly balloon: { readonly from: number; readonly to: number; readonly since: number };
  /** What its programs want to have in memory. */
  readonly workingSet: KiB;
  /** Around what the working set of a busy guest wanders. */
  readonly usualWorkingSet: KiB;
  /** What lies in swap, as far as it is counted in what was moved there and back so far; KiB. */
  readonly inSwap: number;
  readonly swapIn: number;
  readonly swapOut: number;
  /** Of the statistics; 0 asks for none. */
  readonly period: Seconds;
  readonly periodSince: number;
  readonly report?: Report;
  readonly shutdownAt?: number;
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
  readonly dimms: readonly { readonly alias: string; readonly size: KiB }[];
  readonly virtioMems: readonly Omit<GuestVirtioMem, 'current' | 'moveAt'>[];
};

/**
 * A guest at age 0; its firmware presents the DIMMs that are there already as memory in use, while of virtio-mem
 * nothing is in use before its driver asks.
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
});
