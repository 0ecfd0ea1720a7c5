import { messageOf } from '../../common/messageOf.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import { type CallOptions, mayStillHappen } from '../../host/hypervisor.ts';
import { carriedTarget } from '../../memory/balloon.ts';
import { carriedStory, isSameWish } from '../../memory/balloonStory.ts';
import type { BalloonStep } from '../../memory/operation.ts';
import { isOpen } from '../../memory/transition.ts';
import type { StepRef } from '../record/memoryRecord.ts';
import type { Vm } from '../vm.ts';
import { commit, saveOrRetry } from './commit.ts';
import { beginMove } from './beginMove.ts';
import { sendBalloonTarget } from './hypervisorCalls.ts';

/** How a rejected target is handled: `isRetried` leaves the step open for another attempt. */
interface Rejection {
  readonly isRetried?: boolean;
}

/**
 * Sets the target of a balloon step within an operation of the VM; `begin` names the step, and can begin its operation.
 * The target is written before it is sent and holds from then on, so that a crash cannot separate the two; if the
 * hypervisor rejects it, the one before holds again. Returns the step, which is still open; throws what the hypervisor
 * throws.
 */
export async function sendBalloon(
  vm: Vm,
  options: CallOptions,
  begin: () => StepRef,
  { isRetried = false }: Rejection = {},
): Promise<StepRef> {
  const ref = await commit(vm, options, () => {
    const named = begin();
    intendTarget(vm, named);
    return named;
  });
  try {
    await sendBalloonTarget(vm, vm.balloonTarget, options);
  } catch (error) {
    if (!mayStillHappen(error)) {
      if (isRetried) takeBack(vm, ref);
      else rejectTarget(vm, ref, messageOf(error));
      await saveOrRetry(vm, options);
    }
    throw error;
  }
  replaceEarlier(vm, ref);
  return ref;
}

function intendTarget(vm: Vm, ref: StepRef): void {
  const step = balloonStep(vm, ref);
  if (!step) return;
  const target = carriedTarget(step.target, step.memory, vm);
  const { previous = vm.balloonTarget, previousStory = vm.story, sentAt: since } = step;
  const story = carriedStory(step.story ?? { by: 'client' }, vm.memory - step.memory);
  vm.operations.apply(ref, 'send', { previous, previousStory });
  if (target === previous && isSameWish(story, previousStory) && isAtTarget(vm)) {
    beginMove(vm, target, previousStory);
    return;
  }
  const isAskedFor = story.isAskedFor ?? previousStory.isAskedFor;
  beginMove(vm, target, omitUndefined({ ...story, isAskedFor, since: since ?? vm.operations.now }));
}

function isAtTarget({ samples, balloonWatch }: Vm): boolean {
  const current = samples.newest?.current;
  return current !== undefined && balloonWatch.moving(current) === 'at-target';
}

/** Ends a step whose target could not be set: the one before holds again, and is to be written. */
export function rejectTarget(vm: Vm, ref: StepRef, message: string): void {
  takeBack(vm, ref);
  vm.operations.conclude(ref, 'rejected', { message });
}

function takeBack(vm: Vm, ref: StepRef): void {
  const step = balloonStep(vm, ref);
  if (step?.previous === undefined || !isOpen(step)) return;
  const story = step.previousStory ?? vm.story;
  vm.intendTarget(carriedTarget(step.previous, vm.memory, vm), story);
}

/** A target that is set replaces those of the operations before it, also one that was to be set again later. */
function replaceEarlier({ operations }: Vm, { id }: StepRef): void {
  const place = operations.operations.findIndex((operation) => operation.id === id);
  for (const older of operations.operations.slice(0, place)) {
    older.steps.forEach((step, index) => {
      if (step.kind === 'balloon' && isOpen(step)) {
        operations.conclude({ id: older.id, index }, 'replaced');
      }
    });
  }
}

function balloonStep(vm: Vm, ref: StepRef): BalloonStep | undefined {
  const step = vm.operations.step(ref);
  return step?.kind === 'balloon' ? step : undefined;
}
