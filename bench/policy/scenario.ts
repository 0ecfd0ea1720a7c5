import type { Behaviour } from '../../src/host/simulated/guest/behaviour.ts';
import type { Report } from '../../src/host/simulated/guest/guest.ts';
import type { Workload } from '../../src/host/simulated/guest/workload.ts';

/** Sizes in scenarios are GiB, times seconds of virtual time. */
export const GIB = 1024 ** 2;

export interface GuestPlan {
  readonly name: string;
  readonly memory: number;
  readonly floor: number;
  readonly weight?: number;
  /** When it is powered on; 0 if absent. */
  readonly startsAt?: number;
  readonly rebootsAt?: number;
  /** Of its statistics; 5 if absent. */
  readonly period?: number;
  /** What its balloon leaves at the start; all of its memory if absent. */
  readonly current?: number;
  readonly workingSet: (time: number) => number;
  readonly workload?: (time: number) => Partial<Workload>;
  readonly behaviour?: Partial<Behaviour>;
  /** Falsifies the guest's statistics. */
  readonly lie?: (report: Report) => Report;
  /** Replaces the guarantee from some time on. */
  readonly raisedFloor?: { readonly at: number; readonly floor: number };
}

export interface Scenario {
  readonly name: string;
  /** What happens, in a few words. */
  readonly what: string;
  readonly host: {
    readonly total: number;
    /** What the host itself and other processes use. */
    readonly own: (time: number) => number;
  };
  readonly minutes: number;
  /** When the policy is switched on, if not at once. */
  readonly policyFrom?: number;
  readonly guests: readonly GuestPlan[];
  /** From when on nothing changes any more, so that the balloons are to come to rest. */
  readonly steadyFrom?: number;
  /** When the host suddenly has less than its reserve. */
  readonly stepAt?: number;
  /** The guest that has far less than it uses, and since when. */
  readonly starving?: { readonly guest: string; readonly from: number };
  /** Whether the host's reserve can be restored at all, where a scenario is about that. */
  readonly restores?: boolean;
}
