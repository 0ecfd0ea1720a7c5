import { VdsmError } from '../../common/errors.ts';
import type { KiB } from '../../common/units.ts';
import { type ClampedTarget, clampTarget } from '../../memory/balloon.ts';
import { balloonObstacle } from '../balloonObstacle.ts';
import { sendBalloon } from '../memory/sendBalloon.ts';
import { toVdsmError } from '../toVdsmError.ts';
import type { Vm } from '../vm.ts';

/** The result of a balloon request: `applied` is false if the VM has no usable balloon. */
export type BalloonResult =
  | { readonly applied: false; readonly reason: string }
  | ({ readonly applied: true } & ClampedTarget);

/**
 * Sets the balloon target nearest to `wish` within the allowed range. It replaces a target that an operation would
 * restore later. Throws BalloonError.
 */
export async function setBalloonTarget(vm: Vm, wish: KiB, flowId: string): Promise<BalloonResult> {
  if (!vm.isAlive) {
    throw new VdsmError('BalloonError', `the VM is ${vm.status}; only a running VM has a balloon`);
  }
  const obstacle = balloonObstacle(vm);
  if (obstacle !== undefined) return { applied: false, reason: obstacle };
  return vm.queue
    .run(async (options) => {
      let clamped = clampTarget(wish, vm);
      const ref = await sendBalloon(vm, options, () => {
        clamped = clampTarget(wish, vm);
        const step = {
          kind: 'balloon' as const,
          when: 'now' as const,
          target: clamped.target,
          memory: vm.memory,
        };
        const { id } = vm.operations.begin({ action: 'balloon', flowId }, () => [step]);
        return { id, index: 0 };
      });
      vm.operations.conclude(ref, 'seen');
      return { applied: true as const, ...clamped };
    })
    .catch(toVdsmError('BalloonError'));
}
