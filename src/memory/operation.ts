import type { BalloonStory } from './balloonStory.ts';
import type { KiB, MiB, Milliseconds, Seconds } from '../common/units.ts';

/** Where a step stands. The first two are open; a step that has timed out may still end otherwise. */
export type StepState =
  'queued' | 'sent' | 'timed-out' | 'done' | 'refused' | 'failed' | 'superseded';

/** What every step has. */
interface Progress {
  readonly state: StepState;
  /** How often it was sent. */
  readonly attempts: number;
  /** When it was sent last, in milliseconds since 1970. */
  readonly sentAt?: Milliseconds;
  /** The boot of the guest in which it was sent last, counted from 0 for each run of the domain. */
  readonly boot?: number;
  /** Present if it had timed out before it ended. */
  readonly late?: true;
  /** Reason or advice, as a text for users. */
  readonly message?: string;
}

/** Plugs one device. */
export interface PlugStep extends Progress {
  readonly kind: 'plug';
  /** Absent until libvirt has chosen one. */
  readonly alias?: string;
  readonly size: KiB;
  /** NUMA node that it is plugged into. */
  readonly node: number;
  /** Where the device is in the guest's memory, once known. */
  readonly base?: string;
  /** The devices before it, see `deviceKey`: how a device without a known alias is found. */
  readonly before?: readonly string[];
  /** Whether the domain has shown the device. */
  readonly isPresent?: true;
  /** The last boot of the guest that was seen to use the device; the one in which it was plugged unless given. */
  readonly usedInBoot?: number;
  /** Present if the plug is done but the guest does not report whether it uses the device. */
  readonly isUnverified?: true;
}

/** Unplugs one device. */
export interface UnplugStep extends Progress {
  readonly kind: 'unplug';
  readonly alias: string;
  readonly size: KiB;
  readonly base?: string;
  /** Whether an earlier operation sent the same, and the guest may still do it. */
  readonly repeats?: true;
}

/** Requests that the guest uses `size` of a virtio-mem device. */
export interface ResizeStep extends Progress {
  readonly kind: 'resize';
  readonly alias: string;
  readonly size: KiB;
  readonly repeats?: true;
}

export type DeviceStep = PlugStep | UnplugStep | ResizeStep;

/** Sets the balloon target that suits `memory`; carried over if the memory has changed by the time it is sent. */
export interface BalloonStep extends Progress {
  readonly kind: 'balloon';
  /** `all-ended`: restores the balloon's target after all device steps have ended. */
  readonly when: 'now' | 'all-ended';
  readonly target: KiB;
  readonly memory: KiB;
  /** How the target came about; its sizes suit `memory`. */
  readonly story?: BalloonStory;
  /** The target before it was sent, which holds again if the hypervisor rejects it, and how that came about. */
  readonly previous?: KiB;
  readonly previousStory?: BalloonStory;
}

/** Sets the guaranteed memory. */
export interface GuaranteeStep extends Progress {
  readonly kind: 'guarantee';
  /** `first-done`: as soon as one device step has taken effect. */
  readonly when: 'now' | 'first-done';
  readonly guaranteed: MiB;
  /** Present if the next run keeps the guarantee that it has. */
  readonly isForThisRun?: true;
}

/** How much memory a VM has, or is to have. */
export interface Size {
  readonly memory: MiB;
  readonly guaranteed?: MiB | undefined;
}

/** Writes a size into the configuration that the next run begins with. */
export interface NextRunStep extends Progress, Size {
  readonly kind: 'next-run';
  /** The sizes that only this run's requests can have given it; any other one was set by another program and is kept. */
  readonly before: readonly Partial<Size>[];
}

/** Sets how often the guest reports, in this run and the next ones. */
export interface StatsPeriodStep extends Progress {
  readonly kind: 'stats-period';
  /** 0: it does not report. */
  readonly period: Seconds;
}

export type Step = DeviceStep | BalloonStep | GuaranteeStep | NextRunStep | StatsPeriodStep;

/** One request as steps in the order in which they are sent; times are milliseconds since 1970. */
export interface Operation {
  readonly id: string;
  readonly action: 'plug' | 'unplug' | 'set-memory' | 'guarantee' | 'balloon' | 'stats-period';
  readonly flowId: string;
  /** The process that began it. */
  readonly writer?: string;
  readonly startedAt: Milliseconds;
  readonly endedAt?: Milliseconds;
  /** The requested memory. */
  readonly requested?: MiB;
  /** The memory after the plan. */
  readonly expected?: MiB;
  /** The memory that the VM had when it ended. */
  readonly reached?: MiB;
  readonly guaranteed?: MiB;
  readonly steps: readonly Step[];
}

/** A step of an operation, with its place. */
export interface Placed<S extends Step = Step> {
  readonly operation: Operation;
  readonly index: number;
  readonly step: S;
}

export const isDeviceStep = (step: Step): step is DeviceStep =>
  step.kind === 'plug' || step.kind === 'unplug' || step.kind === 'resize';

/** The steps that act on memory devices. */
export const deviceSteps = ({ steps }: Operation): readonly DeviceStep[] =>
  steps.filter(isDeviceStep);

/** The device steps of all operations with their places, oldest first. */
export const placedDeviceSteps = (operations: readonly Operation[]): Placed<DeviceStep>[] =>
  operations.flatMap((operation) =>
    operation.steps.flatMap((step, index) =>
      isDeviceStep(step) ? [{ operation, index, step }] : [],
    ),
  );

/** The newest step of that kind about the device of that alias. */
export const newestStep = <K extends DeviceStep['kind']>(
  operations: readonly Operation[],
  kind: K,
  alias: string,
): Placed<Extract<DeviceStep, { kind: K }>> | undefined =>
  placedDeviceSteps(operations).findLast(
    ({ step }) => step.kind === kind && step.alias === alias,
  ) as Placed<Extract<DeviceStep, { kind: K }>> | undefined;
