import type { CallOptions } from '../../host/hypervisor.ts';
import { type DueGuarantee, dueGuarantee } from '../../memory/dueGuarantee.ts';
import { isOpen } from '../../memory/transition.ts';
import { messageOf } from '../../common/messageOf.ts';
import { type KiB, Milliseconds, toKiB } from '../../common/units.ts';
import { balloonObstacle } from '../balloonObstacle.ts';
import type { Vm } from '../vm.ts';
import { sendBalloonTarget, sendNextRunGuarantee } from './hypervisorCalls.ts';
import { logFailure } from '../logFailure.ts';

/** How soon a guarantee that could not be set is tried again, and how often. */
const RETRY = Milliseconds(5000);
const ATTEMPTS = 20;

/** As {@link setDueGuarantee}; never throws: a failure is logged, and the guarantee is tried again later. */
export async function tryDueGuarantee(vm: Vm, options: CallOptions): Promise<void> {
  const due = dueOf(vm);
  if (!due) return;
  const { attempts, sentAt = -Infinity } = due.step;
  if (attempts > 0 && vm.operations.now - sentAt < RETRY) return;
  await setDueGuarantee(vm, options).catch((error: unknown) => {
    recordFailure(vm, due, error);
  });
}

/**
 * Sets the guarantee whose time has come, if there is one; the write of the record puts it into force for good. Throws
 * HypervisorError if the balloon cannot be raised to it, which changes nothing. The next run's configuration follows as
 * soon as it can be written.
 */
export async function setDueGuarantee(vm: Vm, options: CallOptions): Promise<void> {
  const due = dueOf(vm);
  if (!due) return;
  const { guaranteed, step } = due;
  const floor = toKiB(guaranteed);
  if (vm.balloonTarget < floor) await raiseTarget(vm, floor, options);
  if (guaranteed !== vm.domain.metadata?.memGuaranteedSize) {
    vm.intend({ memGuaranteedSize: guaranteed });
  }
  if (!step.isForThisRun) {
    try {
      await sendNextRunGuarantee(vm, guaranteed, options);
    } catch (error) {
      recordFailure(vm, due, error);
      return;
    }
    vm.operations.keepNextGuarantee();
  }
  close(vm, due);
}

function dueOf(vm: Vm): DueGuarantee | undefined {
  const { operations } = vm;
  const own = operations.operations.filter(({ id }) => operations.isOwn(id));
  return dueGuarantee(own, vm.domain);
}

function recordFailure(vm: Vm, { operation, index }: DueGuarantee, error: unknown): void {
  const ref = { id: operation.id, index };
  vm.operations.conclude(ref, 'send');
  const { attempts = 0 } = vm.operations.step(ref) ?? {};
  const isLast = attempts >= ATTEMPTS;
  logFailure(vm, error, {
    text: isLast ? 'a guarantee could not be set' : 'a guarantee is set later',
    level: isLast || attempts < 2 ? 'warn' : 'debug',
    facts: { attempts },
  });
  if (isLast) vm.operations.conclude(ref, 'rejected', { message: messageOf(error) });
}

/**
 * Sets the target anew if an unplug has left the VM below its guarantee, as QEMU keeps the balloon's size then. Never
 * throws: a failure is logged, and tried again when the VM is observed next.
 */
export async function keepTargetGuaranteed(vm: Vm, options: CallOptions): Promise<void> {
  const { balloonTarget: stored, balloonTargetMemory = vm.memory } = vm.domain.metadata ?? {};
  if (stored === undefined || stored + vm.memory - balloonTargetMemory >= vm.balloonTarget) return;
  if (balloonObstacle(vm) !== undefined || vm.timers.has(BELOW_GUARANTEE)) return;
  await raiseTarget(vm, vm.balloonTarget, options).catch((error: unknown) => {
    logFailure(vm, error, { text: 'the VM is below its guarantee after an unplug' });
    // A balloon that hangs must not hold up every other request.
    vm.timers.set(BELOW_GUARANTEE, PAUSE, () => undefined);
  });
}

/** How long a target that could not be set anew is left alone. */
const PAUSE = Milliseconds(30_000);
const BELOW_GUARANTEE = 'below guarantee';

async function raiseTarget(vm: Vm, floor: KiB, options: CallOptions): Promise<void> {
  if (balloonObstacle(vm) === undefined) await sendBalloonTarget(vm, floor, options);
  vm.intend({ balloonTarget: floor });
}

/** The newest guarantee wins: it ends the steps of the operations before it. */
function close(vm: Vm, { operation, index, isAll }: DueGuarantee): void {
  const { operations } = vm;
  const place = operations.operations.findIndex(({ id }) => id === operation.id);
  for (const older of operations.operations.slice(0, place)) {
    older.steps.forEach((step, at) => {
      if (step.kind !== 'guarantee' || !isOpen(step)) return;
      operations.conclude({ id: older.id, index: at }, 'replaced');
    });
  }
  if (isAll) operations.conclude({ id: operation.id, index }, 'seen');
}
