import { pause } from '../../common/clock.ts';
import { VdsmError } from '../../common/errors.ts';
import { clampTarget, type ClampedTarget, wholeMiB } from '../../memory/balloon.ts';
import type { CallOptions } from '../../host/hypervisor.ts';
import { floorMiB, KiB, MiB, Milliseconds, toKiB } from '../../common/units.ts';
import { toVdsmError } from '../toVdsmError.ts';
import { jobsToSave } from '../record/savedJobs.ts';
import { freshnessOnWire } from '../report/usage.ts';
import type { Vm } from '../vm.ts';

/** What became of a wished target: `applied` is false where the VM has no balloon to ask. */
export type BalloonAnswer =
  | { readonly applied: false; readonly reason: string }
  | ({ readonly applied: true } & ClampedTarget);

/**
 * Asks the balloon for the target nearest to `wish` that is allowed, which is in force then whatever a job did to it;
 * throws BalloonError where that fails.
 */
export const setBalloonTarget = (vm: Vm, wish: KiB): Promise<BalloonAnswer> =>
  askBalloon(vm, wish, (balloonTarget, bound) =>
    vm.jobs.paying('deflated', () => vm.save({ ...jobsToSave(vm), balloonTarget }, bound)),
  );

async function askBalloon(
  vm: Vm,
  wish: KiB,
  save: (target: KiB, bound: CallOptions) => Promise<void>,
): Promise<BalloonAnswer> {
  if (!vm.isAlive) {
    throw new VdsmError('BalloonError', `the VM is ${vm.status}; only a running VM has a balloon`);
  }
  const obstacle = balloonObstacle(vm);
  if (obstacle !== undefined) return { applied: false, reason: obstacle };
  return vm.queue
    .run(async (bound) => {
      const answer = clampTarget(wish, { guaranteed: vm.guaranteed, memory: vm.memory });
      await vm.hypervisor.setBalloon(vm.id, answer.target, bound);
      await save(answer.target, bound);
      return { applied: true as const, ...answer };
    })
    .catch(toVdsmError('BalloonError'));
}

/** Lets the balloon give back all that it holds, and waits until it has or the guest takes too long. */
export async function deflate(vm: Vm): Promise<void> {
  const deadline = vm.clock.now() + vm.hotplugTimeouts.unplugTimeout;
  const { applied } = await askBalloon(vm, vm.memory, (balloonTarget, bound) =>
    vm.save({ balloonTarget }, bound),
  ).catch(() => ({ applied: false }));
  const holds = (): boolean => (vm.samples.newest?.balloonHeld ?? 0) > 0;
  while (applied && vm.isAlive && holds() && vm.clock.now() < deadline) {
    await pause(vm.clock, LOOK_AGAIN);
  }
}

const LOOK_AGAIN = Milliseconds(250);

/** Why the guest may keep what it is asked for; undefined while its balloon holds nothing. */
export function inflatedBalloon(vm: Vm): string | undefined {
  const held = vm.samples.newest?.balloonHeld ?? KiB(0);
  if (held < MIB) return undefined;
  return `the balloon holds ${String(floorMiB(held))} MiB: a guest that is short of memory may keep its devices, and gives pages of the balloon back first; deflate it before`;
}

const MIB = toKiB(MiB(1));

/** Why this VM's balloon cannot be used, for people; undefined when it can. */
export function balloonObstacle({ domain }: Vm): string | undefined {
  if (!domain.balloon || domain.balloon.model === 'none') return 'the VM has no balloon device';
  if (domain.metadata?.ballooningEnabled === false) return 'ballooning is off for this VM';
  return undefined;
}

/** A VM's balloon, as VM.getBalloonInfo answers it. */
export function describeBalloon(vm: Vm) {
  const { newest } = vm.samples;
  return {
    balloon_min: String(vm.guaranteed),
    balloon_max: String(wholeMiB(vm.memory)),
    balloon_target: String(vm.balloonTarget),
    ballooning_enabled: balloonObstacle(vm) === undefined,
    model: vm.domain.balloon?.model ?? 'none',
    stats_period_s: vm.domain.balloon?.statsPeriod ?? 0,
    freshness: freshnessOnWire(vm.freshness),
    ...(vm.statsPeriodProblem === undefined ? {} : { stats_period_problem: vm.statsPeriodProblem }),
    ...(newest?.current ? { balloon_cur: String(newest.current) } : {}),
    ...(newest?.lastUpdate ?
      { last_update: new Date(newest.lastUpdate * 1000).toISOString() }
    : {}),
  };
}
