import type { MemoryDevice } from '../domain-xml/types.ts';
import { baseOf, deviceKey } from './identity.ts';
import type { Detail, Fact } from './transition.ts';
import { isAwaited, isOpen, transition } from './transition.ts';
import {
  deviceSteps,
  isDeviceStep,
  type Operation,
  type PlugStep,
  type Step,
} from './operation.ts';
import { wasNotDone } from './wireState.ts';

/** The operation after a fact about one of its steps; steps that have become pointless by that are closed. */
export const applied = (
  operation: Operation,
  index: number,
  fact: Fact,
  detail?: Detail,
): Operation =>
  withoutPointless(withStep(operation, index, (step) => transition(step, fact, detail)));

/** The operation with what is now known of the device that a step plugs. */
export const identified = (
  operation: Operation,
  index: number,
  device: Pick<PlugStep, 'alias' | 'base' | 'isPresent' | 'usedInBoot'>,
): Operation =>
  withStep(operation, index, (step) => {
    if (step.kind !== 'plug') return step;
    const { before, ...rest } = step;
    return { ...(before ? rest : step), ...device };
  });

/** The operations once a step is known to have plugged that device, which is then none of any other operation. */
export const claimed = (
  operations: readonly Operation[],
  { id, index }: { readonly id: string; readonly index: number },
  device: MemoryDevice & { readonly alias: string },
): readonly Operation[] => {
  const known = { alias: device.alias, ...baseOf(device), isPresent: true as const };
  return operations.map((operation) =>
    operation.id === id ?
      identified(operation, index, known)
    : disclaiming(operation, deviceKey(device)),
  );
};

const disclaiming = (operation: Operation, key: string): Operation => ({
  ...operation,
  steps: operation.steps.map((step) =>
    step.kind === 'plug' && isAwaited(step) && step.alias === undefined ?
      { ...step, before: [...(step.before ?? []), key] }
    : step,
  ),
});

/** The operation whose open steps of these kinds leave the next run's guarantee alone. */
export const keepingNextGuarantee = (
  operation: Operation,
  kinds: readonly Step['kind'][],
): Operation => ({
  ...operation,
  steps: operation.steps.map((step) =>
    isOpen(step) && kinds.includes(step.kind) ? withoutNextGuarantee(step) : step,
  ),
});

function withoutNextGuarantee(step: Step): Step {
  if (step.kind === 'guarantee') return { ...step, isForThisRun: true };
  if (step.kind !== 'next-run') return step;
  const before = step.before.map(({ memory }) => (memory === undefined ? {} : { memory }));
  return { ...step, before };
}

const withStep = (
  operation: Operation,
  index: number,
  change: (step: Step) => Step,
): Operation => ({
  ...operation,
  steps: operation.steps.map((step, n) => (n === index ? change(step) : step)),
});

/** Closes a guarantee whose devices can no longer change, and the next-run step of a failed request. */
function withoutPointless(operation: Operation): Operation {
  const steps = deviceSteps(operation);
  if (steps.length === 0) return operation;
  const isFruitless = steps.every(({ state }) => FRUITLESS.includes(state));
  const isFailed = wasNotDone(operation);
  const isPointless = (step: Step): boolean =>
    isOpen(step) &&
    ((step.kind === 'guarantee' && step.when === 'first-done' && isFruitless) ||
      (step.kind === 'next-run' && isFailed));
  return {
    ...operation,
    steps: operation.steps.map((step) =>
      isPointless(step) ? transition(step, 'rejected', { message: 'no device was changed' }) : step,
    ),
  };
}

const FRUITLESS: readonly Step['state'][] = ['refused', 'failed', 'superseded'];

/** Returns whether the last open device step of the operation has just ended. */
export const hasJustEnded = (before: Operation, after: Operation): boolean =>
  before.endedAt === undefined &&
  after.steps.some(isDeviceStep) &&
  !deviceSteps(after).some(isOpen);
