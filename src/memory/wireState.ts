import { floorMiB, type MiB } from '../common/units.ts';
import { type DeviceStep, deviceSteps, type Operation } from './operation.ts';
import { isOpen } from './transition.ts';

/** The words of VM.getMemoryJob for one device step. */
export type ChangeState =
  | 'queued'
  | 'requested'
  | 'online'
  | 'not-online'
  | 'unverified'
  | 'removed'
  | 'refused'
  | 'timed-out'
  | 'removed-late'
  | 'reached'
  | 'reached-late'
  | 'superseded'
  | 'failed';

export type JobState = 'running' | 'done' | 'partial' | 'failed';

/** The word for a step, by its kind, its state and whether it had timed out before it ended. */
export function changeState(step: DeviceStep): ChangeState {
  const { kind, state, late = false } = step;
  switch (state) {
    case 'sent':
      return 'requested';
    case 'done':
      if (kind === 'plug') return step.isUnverified ? 'unverified' : 'online';
      if (kind === 'unplug') return late ? 'removed-late' : 'removed';
      return late ? 'reached-late' : 'reached';
    case 'timed-out':
      return kind === 'plug' && step.isPresent ? 'not-online' : 'timed-out';
    default:
      return state;
  }
}

/** Returns the state of an operation, by its device steps and by whether the requested memory was reached. */
export function jobState(operation: Operation): JobState {
  const steps = deviceSteps(operation);
  if (steps.some(isOpen)) return 'running';
  const done = steps.filter(({ state }) => state === 'done').length;
  if (done === steps.length) return isShort(operation) ? 'partial' : 'done';
  return done === 0 ? 'failed' : 'partial';
}

const isShort = ({ requested, reached }: Operation): boolean =>
  requested !== undefined && reached !== undefined && reached < requested;

/** Returns whether every device step has failed. */
export const wasNotDone = (operation: Operation): boolean => {
  const steps = deviceSteps(operation);
  return steps.length > 0 && steps.every(({ state }) => state === 'failed');
};

/** Returns sentences for users about what the device steps do not show: the balloon and missing memory. */
export function remarks(operation: Operation): readonly string[] {
  return [...balloonRemarks(operation), ...memoryRemarks(operation)];
}

const balloonRemarks = ({ steps }: Operation): readonly string[] =>
  steps.flatMap((step) => {
    if (step.kind !== 'balloon' || !['failed', 'timed-out'].includes(step.state)) return [];
    const what = step.when === 'now' ? 'was not deflated' : 'did not get its target back';
    return [`the balloon ${what}: ${step.message ?? 'the hypervisor gave no reason'}`];
  });

function memoryRemarks(operation: Operation): readonly string[] {
  const { expected, reached } = operation;
  const allDone = deviceSteps(operation).every(({ state }) => state === 'done');
  if (expected === undefined || reached === undefined || !allDone || reached >= expected) return [];
  const missing = mib(expected - reached);
  return [
    `the VM has ${mib(reached)}, ${missing} less than planned, because other memory was unplugged meanwhile`,
  ];
}

const mib = (size: MiB | number): string => `${String(size)} MiB`;

/** A change of one memory device, as in VM.getMemoryJob. */
export interface MemoryChange {
  readonly action: Action;
  readonly alias: string;
  readonly size_mib: MiB;
  readonly state: ChangeState;
  readonly attempts: number;
  readonly message?: string;
}

export type Action = DeviceStep['kind'];

/** The device steps of an operation whose device has an alias, as changes. */
export const changesOf = (operation: Operation): MemoryChange[] =>
  deviceSteps(operation).flatMap((step) => changeOf(step) ?? []);

/** Undefined for a plug whose device has no alias yet. */
export function changeOf(step: DeviceStep): MemoryChange | undefined {
  const { kind, alias, size, attempts, message } = step;
  if (alias === undefined) return undefined;
  const state = changeState(step);
  const change = { action: kind, alias, size_mib: floorMiB(size), state, attempts };
  return message === undefined ? change : { ...change, message };
}

type Change = Pick<MemoryChange, 'state'>;

/** Whether the change has ended, for now. */
export const hasEnded = ({ state }: Change): boolean => state !== 'queued' && state !== 'requested';

/** Returns whether an administrator should look: the change has ended other than requested. */
export const isTrouble = ({ state }: Change): boolean => TROUBLE.includes(state);

const TROUBLE: readonly ChangeState[] = ['not-online', 'refused', 'timed-out', 'failed'];
