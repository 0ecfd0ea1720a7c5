import { type CallOptions, mayStillHappen } from '../../host/hypervisor.ts';
import type { MiB } from '../../common/units.ts';
import { checkBalloonable } from '../memory/checks.ts';
import { commit, observeNow, saveOrRetry } from '../memory/commit.ts';
import { setDueGuarantee } from '../memory/setGuarantee.ts';
import { toVdsmError } from '../toVdsmError.ts';
import type { Vm } from '../vm.ts';

/**
 * Sets a VM's guaranteed memory for this run and the next ones; it replaces guarantees that wait for devices. Throws
 * VMIsDown, BalloonError, or InvalidParameter above its boot memory and DIMMs.
 */
export async function setGuaranteedMemory(vm: Vm, guaranteed: MiB, flowId: string): Promise<void> {
  vm.requireAlive();
  await vm.queue
    .run((options) => guarantee(vm, { guaranteed, flowId }, options))
    .catch(toVdsmError('BalloonError'));
}

interface Request {
  readonly guaranteed: MiB;
  readonly flowId: string;
}

async function guarantee(vm: Vm, request: Request, options: CallOptions): Promise<void> {
  const { guaranteed, flowId } = request;
  const { id } = await commit(vm, options, () => {
    checkBalloonable(vm, guaranteed, vm.memory);
    const step = { kind: 'guarantee' as const, when: 'now' as const, guaranteed };
    return vm.operations.begin({ action: 'guarantee', flowId, guaranteed }, () => [step]);
  });
  try {
    await setDueGuarantee(vm, options);
  } catch (error) {
    if (mayStillHappen(error)) vm.operations.apply({ id, index: 0 }, 'send');
    else reject(vm, id, error as Error);
    observeNow(vm);
    throw error;
  }
  // The guarantee is in force: if that could not be written now, it is written later.
  await saveOrRetry(vm, options);
}

/** Marks the step as rejected: the guarantee is unchanged. */
function reject(vm: Vm, id: string, { message }: Error): void {
  vm.operations.conclude({ id, index: 0 }, 'rejected', { message });
}
