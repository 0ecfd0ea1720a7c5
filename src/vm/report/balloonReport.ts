import { wholeMiB } from '../../memory/balloon.ts';
import { wallMilliseconds } from '../../common/time.ts';
import type { Moving } from '../../memory/balloonMotion.ts';
import { notOffered } from '../balloonObstacle.ts';
import type { Vm } from '../vm.ts';
import { freshnessOnWire, whyNoSample } from './usage.ts';

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

/** Returns a VM's balloon in the form of VM.getBalloonInfo, with when the target was set, and what limited it, as far as known. */
export function describeBalloon(vm: Vm) {
  const { samples, domain, story } = vm;
  const { newest } = samples;
  const { balloon } = domain;
  const { wished } = story;
  const obstacle = notOffered(vm);
  const unknown = whyNoSample(vm);
  const current = unknown === undefined ? newest?.current : undefined;
  // one literal, undefined members and all, as statistics are
  return {
    balloon_min: String(vm.floor),
    balloon_max: String(wholeMiB(vm.memory)),
    balloon_target: String(vm.balloonTarget),
    balloon_cur: current ? String(current) : undefined,
    balloon_cur_absent_because: unknown,
    ballooning_enabled: obstacle === undefined,
    ballooning_disabled_because: obstacle,
    model: balloon?.model ?? 'none',
    moving: movingOf(vm),
    guaranteed_kib: vm.guaranteed,
    stats_period_s: balloon?.statsPeriod ?? 0,
    stats_period_problem: vm.statsPeriodProblem,
    freshness: freshnessOnWire(vm.freshness),
    last_update: newest?.lastUpdate ? isoTime(newest.lastUpdate * 1000) : undefined,
    target_by: story.by,
    target_since: isoTime(story.since ?? seenToStart(vm)),
    wished: wished === undefined ? undefined : String(wished),
    bound: story.bound,
  };
}

/** Returns when the start set the target, in milliseconds since 1970; undefined if something else did, or unseen. */
const seenToStart = ({ story, startedAt, clock }: Vm): number | undefined =>
  story.by === 'start' && startedAt !== undefined ?
    wallMilliseconds(clock) - (clock.now() - startedAt)
  : undefined;

const isoTime = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString();
