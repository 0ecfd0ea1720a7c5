import { omitUndefined } from '../../common/omitUndefined.ts';
import { wholeMiB } from '../../memory/balloon.ts';
import { notOffered } from '../balloonObstacle.ts';
import type { Vm } from '../vm.ts';
import { freshnessOnWire } from './usage.ts';

/** Returns a VM's balloon in the form of VM.getBalloonInfo. */
export function describeBalloon(vm: Vm) {
  const { newest } = vm.samples;
  const obstacle = notOffered(vm);
  return {
    balloon_min: String(vm.floor),
    balloon_max: String(wholeMiB(vm.memory)),
    balloon_target: String(vm.balloonTarget),
    ballooning_enabled: obstacle === undefined,
    model: vm.domain.balloon?.model ?? 'none',
    stats_period_s: vm.domain.balloon?.statsPeriod ?? 0,
    freshness: freshnessOnWire(vm.freshness),
    ...omitUndefined({
      guaranteed_kib: vm.guaranteed,
      ballooning_disabled_because: obstacle,
      stats_period_problem: vm.statsPeriodProblem,
    }),
    ...(newest?.current ? { balloon_cur: String(newest.current) } : {}),
    ...(newest?.lastUpdate ?
      { last_update: new Date(newest.lastUpdate * 1000).toISOString() }
    : {}),
  };
}
