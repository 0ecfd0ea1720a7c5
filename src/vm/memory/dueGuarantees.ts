import type { CallOptions } from '../../host/hypervisor.ts';
import { type DueGuarantee, dueGuarantee } from '../../memory/dueGuarantee.ts';
import { isOpen } from '../../memory/transition.ts';
import { type KiB, toKiB } from '../../common/units.ts';
import { balloonObstacle } from '../balloonObstacle.ts';
import type { Vm } from '../vm.ts';
import { sendBalloonTarget, sendNextRunGuarantee } from './effects.ts';

/**
 * Sets the guarantee whose time has come, if there is one; the write of the record puts it into force for good. If the
 * next run's configuration cannot be written, that is tried again whenever the VM is observed. Throws HypervisorError if
 * the balloon cannot be raised to it; nothing has changed then.
 */
export async function setDueGuarantee(vm: Vm, options: CallOptions): Promise<void> {
  const { operations } = vm;
  const own = operations.operations.filter(({ id }) => operations.isOwn(id));
  const due = dueGuarantee(own, vm.domain);
  if (!due) return;
  const { guaranteed, step } = due;
  const floor = toKiB(guaranteed);
  if (vm.balloonTarget < floor) await raiseTarget(vm, floor, options);
  if (guaranteed !== vm.domain.metadata?.memGuaranteedSize) {
    vm.intend({ memGuaranteedSize: guaranteed });
  }
  if (step.isForThisRun || (await isWrittenForNextRun(vm, due, options))) close(vm, due);
}

async function isWrittenForNextRun(
  vm: Vm,
  { operation, index, step, guaranteed }: DueGuarantee,
  options: CallOptions,
): Promise<boolean> {
  try {
    await sendNextRunGuarantee(vm, guaranteed, options);
    vm.operations.keepNextGuarantee();
    return true;
  } catch (error) {
    const isFirst = step.attempts < 2;
    vm.log[isFirst ? 'warn' : 'debug'](
      { vmId: vm.id, err: error },
      'the guarantee of the next run is written later',
    );
    vm.operations.apply({ id: operation.id, index }, 'send');
    return false;
  }
}

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
      if (step.kind !== 'guarantee' || !isOpen(step) || !operations.isOwn(older.id)) return;
      operations.apply({ id: older.id, index: at }, 'replaced');
    });
  }
  if (isAll) operations.apply({ id: operation.id, index }, 'seen');
}
