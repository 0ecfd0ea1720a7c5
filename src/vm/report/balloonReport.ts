import { omitUndefined } from '../../common/omitUndefined.ts';
import { wholeMiB } from '../../memory/balloon.ts';
import { wallMilliseconds } from '../../common/time.ts';
import type { Moving } from '../../memory/balloonMotion.ts';
import { notOffered } from '../balloonObstacle.ts';
import type { Vm } from '../vm.ts';
import { freshnessOnWire, whyNoSample } from './usage.ts';

/** Returns when the target was set, what was asked for, and what limited it, as far as known. */
function targetStory({ story, startedAt, clock }: Vm) {
  const { by, since, wished, bound } = story;
  const seenToStart =
    by === 'start' && startedAt !== undefined ?
      wallMilliseconds(clock) - (clock.now() - startedAt)
    : undefined;
  const time = since ?? seenToStart;
  return {
    target_since: time === undefined ? undefined : new Date(time).toISOString(),
    wished: wished === undefined ? undefined : String(wished),
    bound,
  };
}

/** Returns how the balloon stands to its target; undefined without a balloon, and until its size is known. */
export function movingOf(vm: Vm): Moving | undefined {
  const current = vm.samples.newest?.current;
  if (!current || whyNoSample(vm) !== undefined || vm.freshness.state === 'no-device')
    return undefined;
  const { by, bound } = vm.story;
  return by === 'outside' && bound === undefined ?
      'moved-outside'
    : vm.balloonWatch.moving(current);
}

/** Returns a VM's balloon in the form of VM.getBalloonInfo. */
export function describeBalloon(vm: Vm) {
  const { newest } = vm.samples;
  const obstacle = notOffered(vm);
  const unknown = whyNoSample(vm);
  return {
    balloon_min: String(vm.floor),
    balloon_max: String(wholeMiB(vm.memory)),
    balloon_target: String(vm.balloonTarget),
    ballooning_enabled: obstacle === undefined,
    model: vm.domain.balloon?.model ?? 'none',
    stats_period_s: vm.domain.balloon?.statsPeriod ?? 0,
    freshness: freshnessOnWire(vm.freshness),
    target_by: vm.story.by,
    ...omitUndefined({
      ...targetStory(vm),
      moving: movingOf(vm),
      balloon_cur_absent_because: unknown,
      guaranteed_kib: vm.guaranteed,
      ballooning_disabled_because: obstacle,
      stats_period_problem: vm.statsPeriodProblem,
    }),
    ...(newest?.current && unknown === undefined ? { balloon_cur: String(newest.current) } : {}),
    ...(newest?.lastUpdate ?
      { last_update: new Date(newest.lastUpdate * 1000).toISOString() }
    : {}),
  };
}
