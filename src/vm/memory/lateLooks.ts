import type { CallOptions } from '../../host/hypervisor.ts';
import { balloonObstacle } from '../balloonObstacle.ts';
import { logFailure } from '../logFailure.ts';
import type { Vm } from '../vm.ts';
import { observe } from './commit.ts';
import { retryPause } from './deadlines.ts';
import { sendBalloonTarget } from './hypervisorCalls.ts';

/** After so many looks no late call is expected any more: after five minutes, as the pauses grow. */
const LOOKS = 8;
const LOOK = 'late call';

/** Looks from time to time for what a call without a reply has set since, until none is expected any more. */
export function watchLateCalls(vm: Vm): void {
  const { late, timers } = vm;
  if (!late.isExpecting || timers.has(LOOK) || !vm.isAlive || vm.isHung === true) return;
  if (late.looks === LOOKS) {
    late.forget();
    return;
  }
  timers.set(LOOK, retryPause(late.looks + 1), () => {
    late.looked();
    restoreAccepted(vm);
  });
}

/** Sets what was accepted last again where a late call has set something else. */
export function restoreAccepted(vm: Vm): void {
  watchLateCalls(vm);
  if (!vm.late.isExpecting || vm.isReadOnly) return;
  vm.queue
    .run((options) => restore(vm, options))
    .catch((error: unknown) => {
      logFailure(vm, error, { text: 'a late call is looked for later', level: 'debug' });
    });
}

async function restore(vm: Vm, options: CallOptions): Promise<void> {
  // A period that differs from the one chosen is set again as soon as it is known.
  await observe(vm, options);
  await vm.nextRun.restore(options);
  // A target cannot be read.
  if (vm.late.of('target').length > 0 && balloonObstacle(vm) === undefined) {
    await sendBalloonTarget(vm, vm.balloonTarget, options);
  }
}
