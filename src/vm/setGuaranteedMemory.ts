import type { MiB } from '../units.ts';
import { as } from './failure.ts';
import { guaranteeNow } from './memoryDevices.ts';
import { checkBalloonable } from './resizeChecks.ts';
import type { Vm } from './vm.ts';

/**
 * Guarantees a VM so much from now on; throws InvalidParameter above its boot memory and DIMMs, VMIsDown or
 * BalloonError.
 */
export async function setGuaranteedMemory(vm: Vm, guaranteed: MiB): Promise<void> {
  vm.requireAlive();
  await vm.lane
    .run(async (bound) => {
      checkBalloonable(vm, guaranteed, vm.memory);
      await guaranteeNow(vm, guaranteed, bound);
    })
    .catch(as('BalloonError'));
}
