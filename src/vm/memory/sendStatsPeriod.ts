import { type CallOptions, mayStillHappen } from '../../host/hypervisor.ts';
import { isOpen } from '../../memory/transition.ts';
import type { StepRef } from '../record/memoryRecord.ts';
import type { Vm } from '../vm.ts';
import { saveOrRetry } from './commit.ts';
import { sendPeriod } from './hypervisorCalls.ts';

/**
 * Sets the statistics period of a step that the record already has, within an operation of the VM: live, then in both
 * configurations. Throws what the hypervisor throws; a rejected period changes nothing. A step that `isRepeated` may
 * be in force by an earlier attempt: it stays open when it is rejected.
 */
export async function sendStatsPeriod(
  vm: Vm,
  ref: StepRef,
  options: CallOptions,
  { isRepeated = false }: { readonly isRepeated?: boolean } = {},
): Promise<void> {
  const step = vm.operations.step(ref);
  if (step?.kind !== 'stats-period' || !isOpen(step)) return;
  const { period } = step;
  vm.operations.apply(ref, 'send');
  try {
    await sendPeriod(vm, period, options);
  } catch (error) {
    if (!isRepeated && !mayStillHappen(error)) {
      vm.operations.conclude(ref, 'rejected', { message: (error as Error).message });
      await saveOrRetry(vm, options);
    }
    throw error;
  }
  await vm.nextRun.writeMetadata({ memStatsPeriod: period }, options);
  vm.intend({ memStatsPeriod: period });
  vm.operations.conclude(ref, 'seen');
  vm.statsPeriodProblem = undefined;
  // It is in force: if that could not be written now, it is written later.
  await saveOrRetry(vm, options);
}
