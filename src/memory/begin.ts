import { newestStep, type Operation, type Placed, type Step } from './operation.ts';
import { applied } from './apply.ts';
import { isAwaited, isOpen } from './transition.ts';

/** A step that has not been sent yet. */
export type NewStep =
  Step extends infer S ?
    S extends Step ?
      Omit<S, 'state' | 'attempts'>
    : never
  : never;

/** The operations with a new one, and the steps that it replaces. */
export interface Begun {
  readonly operations: readonly Operation[];
  readonly operation: Operation;
  readonly replaced: readonly Placed[];
}

/**
 * Adds an operation. It replaces earlier requests to the same devices, whose guarantee it inherits unless it sets one,
 * and an earlier size of the next run or statistics period.
 */
export function begin(
  operations: readonly Operation[],
  request: Omit<Operation, 'steps'>,
  newSteps: readonly NewStep[],
): Begun {
  const older = newSteps.map((step) => earlierRequest(operations, step));
  const steps = newSteps.map((step, index) => queued(step, older[index]));
  const inherited =
    steps.some(({ kind }) => kind === 'guarantee') ? undefined : (
      inheritedGuarantee(operations, newSteps, older)
    );
  const guarantee = inherited && { ...inherited, state: 'queued' as const, attempts: 0 };
  const operation: Operation = {
    ...request,
    ...(inherited && { guaranteed: inherited.guaranteed }),
    steps: guarantee ? [...steps, guarantee] : steps,
  };
  const replaced = [
    ...older.filter((placed) => placed !== undefined),
    ...(['next-run', 'stats-period'] as const)
      .filter((kind) => steps.some((step) => step.kind === kind))
      .flatMap((kind) => openStepsOf(operations, kind)),
  ];
  return { operations: [...replace(operations, replaced), operation], operation, replaced };
}

const queued = (step: NewStep, older: Placed | undefined): Step => {
  const isRepeated =
    step.kind !== 'plug' &&
    older !== undefined &&
    'size' in older.step &&
    'size' in step &&
    older.step.size === step.size;
  return {
    ...step,
    state: 'queued',
    attempts: 0,
    ...(isRepeated && { repeats: true }),
  };
};

/** Returns the earlier request to the same device if the guest may still complete it. */
function earlierRequest(operations: readonly Operation[], step: NewStep): Placed | undefined {
  if (step.kind !== 'unplug' && step.kind !== 'resize') return undefined;
  const older = newestStep(operations, step.kind, step.alias);
  if (!older || !isAwaited(older.step)) return undefined;
  // An open unplug can still succeed, even if the new request fails.
  return step.kind === 'unplug' && isOpen(older.step) ? undefined : older;
}

/** Returns the newest guarantee that waits for a replaced step, except for a shrink that a growth replaces. */
function inheritedGuarantee(
  operations: readonly Operation[],
  newSteps: readonly NewStep[],
  older: readonly (Placed | undefined)[],
) {
  const owners = newSteps.flatMap((step, index) => {
    const replaced = older[index];
    if (!replaced || !('size' in replaced.step) || !('size' in step)) return [];
    return step.kind !== 'resize' || step.size <= replaced.step.size ? [replaced.operation.id] : [];
  });
  const owner = operations.findLast(
    ({ id, steps }) => owners.includes(id) && steps.some(isOpenGuarantee),
  );
  const step = owner?.steps.find(isOpenGuarantee);
  if (step?.kind !== 'guarantee') return undefined;
  const { kind, when, guaranteed, isForThisRun } = step;
  return { kind, when, guaranteed, ...(isForThisRun && { isForThisRun }) };
}

const isOpenGuarantee = (step: Step): boolean => step.kind === 'guarantee' && isOpen(step);

const openStepsOf = (operations: readonly Operation[], kind: Step['kind']): Placed[] =>
  operations.flatMap((operation) =>
    operation.steps.flatMap((step, index) =>
      step.kind === kind && isOpen(step) ? [{ operation, index, step }] : [],
    ),
  );

const replace = (operations: readonly Operation[], replaced: readonly Placed[]): Operation[] =>
  operations.map((operation) =>
    replaced
      .filter((one) => one.operation.id === operation.id)
      .reduce(
        (left, { index }) =>
          applied(left, index, 'replaced', { message: 'a newer request replaces it' }),
        operation,
      ),
  );
