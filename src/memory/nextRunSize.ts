import { omitUndefined } from '../common/omitUndefined.ts';
import type { NextRunStep, Operation, Size } from './operation.ts';
import { isOpen } from './transition.ts';

/** A size for the next run, with those that this run's requests can have given it. */
export type NextRunSize = Pick<NextRunStep, 'memory' | 'guaranteed' | 'before'>;

/** The sizes that the next run has if only this run's requests changed it; `present` is this run's size. */
export function earlierSizes(
  operations: readonly Operation[],
  present: Size,
): readonly Partial<Size>[] {
  const sizes = [
    present,
    lastRequested(operations),
    ...operations.flatMap(({ steps }) => steps.flatMap(sizesBefore)),
  ];
  const isFirst = (size: Partial<Size>, index: number): boolean =>
    sizes.findIndex((one) => isSameSize(one, size)) === index;
  return sizes.filter(isFirst).slice(0, MOST_SIZES);
}

/** As many are remembered while the next run cannot be written. */
const MOST_SIZES = 16;

const sizesBefore = (step: Operation['steps'][number]): readonly Partial<Size>[] =>
  step.kind === 'next-run' && isOpen(step) ? step.before : [];

const isSameSize = (one: Partial<Size>, other: Partial<Size>): boolean =>
  one.memory === other.memory && one.guaranteed === other.guaranteed;

/** The memory and the guarantee that were requested last. */
export const lastRequested = (operations: readonly Operation[]): Partial<Size> =>
  omitUndefined({
    memory: operations.findLast(({ requested }) => requested !== undefined)?.requested,
    guaranteed: operations.findLast(({ guaranteed }) => guaranteed !== undefined)?.guaranteed,
  });
