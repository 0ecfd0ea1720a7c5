import type { MemoryDevice, VirtioMem } from '../domain-xml/types.ts';
import { isAbout } from './identity.ts';
import {
  type DeviceStep,
  newestStep,
  type Operation,
  type Placed,
  placedDeviceSteps,
  type PlugStep,
} from './operation.ts';
import { isOpen } from './transition.ts';

/** The state of a plugged device; `plugged`: it is unknown whether the guest uses it. */
export type DeviceState = 'plugged' | 'guest-online' | 'not-online' | 'unplugging' | 'refused';

/** What is recorded of a VM's memory operations, oldest first, and the boot of the guest that runs now. */
export interface OperationLog {
  readonly operations: readonly Operation[];
  readonly boot: number;
}

/** The state of a device, with the operation that shows it. */
interface Known {
  readonly state: DeviceState;
  readonly operation?: Operation;
  readonly message?: string;
}

/** The state of a device of the domain. */
export const deviceState = (log: OperationLog, device: MemoryDevice): Known =>
  device.virtioMem ?
    virtioMemState(log, device.alias ?? '', device.virtioMem)
  : dimmState(log, device);

function dimmState(log: OperationLog, device: MemoryDevice): Known {
  const known = storyOf(log.operations, device).flatMap((placed) => stateShownBy(placed, log.boot));
  const newest = (state: DeviceState): Known | undefined =>
    known.findLast((one) => one.state === state);
  // An unplug that may still complete takes precedence over one that was refused.
  return newest('unplugging') ?? newest('refused') ?? known[0] ?? { state: 'plugged' };
}

/** The step that plugged a device; undefined if another program did, or if it is no longer recorded. */
export const plugOf = (
  operations: readonly Operation[],
  device: MemoryDevice,
): Placed<PlugStep> | undefined =>
  storyOf(operations, device).find(
    (placed): placed is Placed<PlugStep> => placed.step.kind === 'plug',
  );

/** The steps about this device, oldest first, without those about earlier devices of its alias. */
function storyOf(
  operations: readonly Operation[],
  device: MemoryDevice,
): readonly Placed<DeviceStep>[] {
  const all = placedDeviceSteps(operations).filter(({ step }) => isAbout(step, device));
  const end = all.findLastIndex(({ step }) => step.kind === 'unplug' && step.state === 'done');
  const story = all.slice(end + 1);
  const plug = story.findLastIndex(({ step }) => step.kind === 'plug');
  return story.slice(Math.max(0, plug));
}

function stateShownBy({ operation, step }: Placed<DeviceStep>, boot: number): Known[] {
  const state = stateAfter(step, boot);
  const { message } = step;
  return state === undefined ?
      []
    : [{ state, operation, ...(message !== undefined && { message }) }];
}

/** Returns the state that a step shows in this boot; what another boot used or refused does not count. */
function stateAfter(step: DeviceStep, boot: number): DeviceState | undefined {
  const isOfThisBoot = (step.boot ?? 0) === boot;
  if (step.kind === 'plug') return stateAfterPlug(step, boot);
  if (step.kind === 'resize') return undefined;
  if (isOpen(step)) return 'unplugging';
  if (!isOfThisBoot) return undefined;
  if (step.state === 'timed-out') return 'unplugging';
  return step.state === 'refused' ? 'refused' : undefined;
}

/** The state that a plug shows in this boot. */
export function stateAfterPlug(step: PlugStep, boot: number): DeviceState {
  const { state, isUnverified, usedInBoot } = step;
  if (usedInBoot === boot) return 'guest-online';
  if (!isJudged(step, boot)) return 'plugged';
  if (state === 'done' && !isUnverified) return 'guest-online';
  return state === 'timed-out' ? 'not-online' : 'plugged';
}

/** Returns whether the use of the device was determined in this boot of the guest. */
export const isJudged = (
  { state, boot: sentIn = 0, usedInBoot }: PlugStep,
  boot: number,
): boolean => state !== 'sent' && (usedInBoot ?? sentIn) === boot;

/** The sizes of a virtio-mem device show its state; its newest step shows whether the guest was too slow. */
function virtioMemState(
  { operations, boot }: OperationLog,
  alias: string,
  { requested, current }: VirtioMem,
): Known {
  const { operation, step } = newestStep(operations, 'resize', alias) ?? {};
  const known = {
    ...(operation && { operation }),
    ...(step?.message !== undefined && { message: step.message }),
  };
  if (current > requested) return { state: 'unplugging', ...known };
  if (current < requested) {
    const isLate = step?.state === 'timed-out' && (step.boot ?? 0) === boot;
    return { state: isLate ? 'not-online' : 'plugged', ...known };
  }
  return { state: current > 0 ? 'guest-online' : 'plugged', ...known };
}
