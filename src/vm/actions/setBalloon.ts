import { VdsmError } from '../../common/errors.ts';
import { type KiB, Milliseconds } from '../../common/units.ts';
import { type ClampedTarget, clampTarget } from '../../memory/balloon.ts';
import { targetSlip } from '../../memory/unitSlip.ts';
import { balloonObstacle } from '../balloonObstacle.ts';
import { repeatWritesLater } from '../memory/resume.ts';
import { sendBalloon } from '../memory/sendBalloon.ts';
import { toVdsmError } from '../toVdsmError.ts';
import type { Vm } from '../vm.ts';

/** MoM ends on a call that takes a minute, and does nothing for other VMs meanwhile. */
export const MOM_PATIENCE = Milliseconds(20_000);

/** The result of a balloon request: `applied` is false if the VM has no usable balloon. */
export type BalloonResult =
  | { readonly applied: false; readonly reason: string }
  | ({ readonly applied: true } & Pick<ClampedTarget, 'target' | 'reason'>);

/** A target in KiB, and who wishes it. */
interface TargetRequest {
  readonly wish: KiB;
  readonly by: 'client' | 'policy';
  readonly flowId: string;
  /** Returns why the target is not to be set after all, once its turn has come; as a text for users. */
  readonly obstacle?: () => string | undefined;
}

/**
 * Sets the balloon target nearest to `wish` within the allowed range. It replaces a target that an operation would
 * restore later. Throws BalloonError, or InvalidParameter for a target in another unit.
 */
export async function setBalloonTarget(
  vm: Vm,
  { wish, by, flowId, obstacle }: TargetRequest,
): Promise<BalloonResult> {
  vm.requireAnswering('BalloonError');
  const unusable = balloonObstacle(vm);
  if (unusable !== undefined) return notApplied(unusable);
  const wished = targetFor(vm, wish);
  if (isUnderWay(vm, { ...wished, wish, by })) return applied(wished);
  return vm.queue
    .run(async (options) => {
      const reason = obstacle?.();
      if (reason !== undefined) return notApplied(reason);
      let clamped = targetFor(vm, wish);
      const ref = await sendBalloon(vm, options, () => {
        clamped = targetFor(vm, wish);
        const { target, bound } = clamped;
        const step = {
          kind: 'balloon' as const,
          when: 'now' as const,
          target,
          memory: vm.memory,
          story: {
            by,
            wished: wish,
            ...(bound && { bound }),
            ...(by === 'client' && { isAskedFor: true as const }),
          },
        };
        const { id } = vm.operations.begin({ action: 'balloon', flowId }, () => [step]);
        return { id, index: 0 };
      }).finally(() => {
        repeatWritesLater(vm);
      });
      vm.operations.conclude(ref, 'seen');
      return applied(clamped);
    }, MOM_PATIENCE)
    .catch(toVdsmError('BalloonError'));
}

const notApplied = (reason: string): BalloonResult => ({ applied: false, reason });

const applied = ({ target, reason }: ClampedTarget): BalloonResult => ({
  applied: true,
  target,
  ...(reason !== undefined && { reason }),
});

/** Whether the same was requested before and is done or under way: MoM repeats its targets in each of its rounds. */
function isUnderWay(
  vm: Vm,
  { target, wish, by }: Pick<TargetRequest, 'wish' | 'by'> & { readonly target: KiB },
): boolean {
  const { samples, balloonTarget, story, balloonWatch } = vm;
  const current = samples.newest?.current;
  if (target !== balloonTarget || story.by !== by || story.wished !== wish) return false;
  if (current === undefined || !vm.isAnswering || vm.operations.openSteps.length > 0) return false;
  return ['at-target', 'on-its-way'].includes(balloonWatch.moving(current));
}

/** Returns the target for a wish; throws InvalidParameter if the wish was probably meant in another unit. */
function targetFor(vm: Vm, wish: KiB): ClampedTarget {
  const slip = targetSlip(wish, vm);
  if (slip === undefined) return clampTarget(wish, vm);
  throw new VdsmError('InvalidParameter', `targets are in KiB; ${slip}`);
}
