import { VdsmError } from '../../common/errors.ts';
import type { KiB } from '../../common/units.ts';
import { type ClampedTarget, clampTarget } from '../../memory/balloon.ts';
import { targetSlip } from '../../memory/unitSlip.ts';
import { balloonObstacle } from '../balloonObstacle.ts';
import { sendBalloon } from '../memory/sendBalloon.ts';
import { toVdsmError } from '../toVdsmError.ts';
import type { Vm } from '../vm.ts';

/** The result of a balloon request: `applied` is false if the VM has no usable balloon. */
export type BalloonResult =
  | { readonly applied: false; readonly reason: string }
  | ({ readonly applied: true } & Pick<ClampedTarget, 'target' | 'reason'>);

/** A target in KiB, and who wishes it. */
interface TargetRequest {
  readonly wish: KiB;
  readonly by: 'client' | 'policy';
  readonly flowId: string;
}

/**
 * Sets the balloon target nearest to `wish` within the allowed range. It replaces a target that an operation would
 * restore later. Throws BalloonError, or InvalidParameter for a target in another unit.
 */
export async function setBalloonTarget(
  vm: Vm,
  { wish, by, flowId }: TargetRequest,
): Promise<BalloonResult> {
  vm.requireAlive('BalloonError');
  const obstacle = balloonObstacle(vm);
  if (obstacle !== undefined) return { applied: false, reason: obstacle };
  return vm.queue
    .run(async (options) => {
      let clamped = targetFor(vm, wish);
      const ref = await sendBalloon(vm, options, () => {
        clamped = targetFor(vm, wish);
        const { target, bound } = clamped;
        const step = {
          kind: 'balloon' as const,
          when: 'now' as const,
          target,
          memory: vm.memory,
          story: { by, wished: wish, ...(bound && { bound }), isAskedFor: true as const },
        };
        const { id } = vm.operations.begin({ action: 'balloon', flowId }, () => [step]);
        return { id, index: 0 };
      });
      vm.operations.conclude(ref, 'seen');
      const { target, reason } = clamped;
      return { applied: true as const, target, ...(reason !== undefined && { reason }) };
    })
    .catch(toVdsmError('BalloonError'));
}

/** Returns the target for a wish; throws InvalidParameter if the wish was probably meant in another unit. */
function targetFor(vm: Vm, wish: KiB): ClampedTarget {
  const slip = targetSlip(wish, vm);
  if (slip === undefined) return clampTarget(wish, vm);
  throw new VdsmError('InvalidParameter', `targets are in KiB; ${slip}`);
}
