import { deviceSteps, newestStep, type Operation } from './operation.ts';
import { isAwaited, isOpen } from './transition.ts';

/** Ended operations on devices that are kept besides those that show the state of a device. */
const KEPT = 8;

/**
 * The operations worth keeping, oldest first: those with something left to do, the newest on devices, and the newest of
 * each kind on each device of the domain, named by its alias.
 */
export function worthKeeping(
  operations: readonly Operation[],
  aliases: ReadonlySet<string>,
): readonly Operation[] {
  const onDevices = operations.filter((operation) => deviceSteps(operation).length > 0);
  const kept = new Set([
    ...operations.filter(isUnfinished),
    ...onDevices.slice(-KEPT),
    ...[...aliases].flatMap((alias) => newestOfEachKind(operations, alias)),
  ]);
  return operations.filter((operation) => kept.has(operation));
}

/** Whether a step is open, or the guest may still give back what was sent. */
export const isUnfinished = ({ steps }: Operation): boolean =>
  steps.some(
    (step) =>
      isOpen(step) || ((step.kind === 'unplug' || step.kind === 'resize') && isAwaited(step)),
  );

const newestOfEachKind = (operations: readonly Operation[], alias: string): Operation[] =>
  (['plug', 'unplug', 'resize'] as const).flatMap(
    (kind) => newestStep(operations, kind, alias)?.operation ?? [],
  );

/** The operations without the oldest that have ended, as many as it takes until `fits`. */
export function prunedTo(
  operations: readonly Operation[],
  fits: (operations: readonly Operation[]) => boolean,
): readonly Operation[] {
  let kept = operations;
  while (!fits(kept)) {
    const oldest = kept.find((operation) => !isUnfinished(operation));
    if (!oldest) return kept;
    kept = kept.filter((operation) => operation !== oldest);
  }
  return kept;
}
