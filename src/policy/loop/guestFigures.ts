import { omitUndefined } from '../../common/omitUndefined.ts';
import { balloonObstacle } from '../../vm/balloonObstacle.ts';
import type { Vm } from '../../vm/vm.ts';
import type { Exemption, GuestFigures } from '../decide/round/round.ts';

/** Returns a VM's figures for a round, under its id. */
export function guestFigures(vm: Vm): GuestFigures {
  const { newest } = vm.samples;
  return omitUndefined({
    name: vm.id,
    current: newest?.current,
    floor: vm.floor,
    memory: vm.memory,
    exempt: exemptionOf(vm),
    resident: newest?.rss,
    reportedAt: newest?.lastUpdate,
    available: newest?.available,
    unused: newest?.unused,
    usable: newest?.usable,
    diskCaches: newest?.diskCaches,
    swapIn: newest?.swapIn,
    swapOut: newest?.swapOut,
    majorFaults: newest?.majorFaults,
  });
}

function exemptionOf(vm: Vm): Exemption | undefined {
  if (balloonObstacle(vm) !== undefined) {
    return vm.domain.metadata?.ballooningEnabled === false ? 'disabled' : 'no-balloon';
  }
  if (!vm.mayBalloon) return 'not-managed';
  return vm.isPaused ? 'paused' : undefined;
}
