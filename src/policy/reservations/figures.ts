import { KiB, type Milliseconds } from '../../common/units.ts';
import type { Vm } from '../../vm/vm.ts';
import { exemptionOf, guestFigures } from '../loop/guestFigures.ts';
import type { GiverFigures } from './plan/giver.ts';
import { OVERHEAD } from './vmAccount.ts';

/**
 * Returns a VM's figures as of one that may give. A target that a client has set after `since`, in milliseconds since
 * 1970, is left alone; old statistics count as none, and what its QEMU needs for itself cannot be given.
 */
export function giverFigures(
  vm: Vm,
  since: Milliseconds,
  refuses: string | undefined,
): GiverFigures {
  const { by, since: setAt = -Infinity } = vm.story;
  const figures = guestFigures(vm, exemptionOf(vm));
  const { resident, exempt, reportedAt } = figures;
  const isSetMeanwhile = by === 'client' && setAt > since;
  // Written out: a spread object takes twice as long to make and to read.
  return {
    name: figures.name,
    floor: figures.floor,
    memory: figures.memory,
    weight: figures.weight,
    exempt: exempt ?? (isSetMeanwhile ? 'pinned' : undefined),
    current: figures.current,
    resident: resident === undefined ? undefined : KiB(Math.max(0, resident - OVERHEAD)),
    reportedAt: vm.freshness.state === 'fresh' ? reportedAt : 0,
    available: figures.available,
    unused: figures.unused,
    usable: figures.usable,
    diskCaches: figures.diskCaches,
    swapIn: figures.swapIn,
    swapOut: figures.swapOut,
    majorFaults: figures.majorFaults,
    refuses,
    uses: certainUse(vm),
  };
}

/**
 * What the guest certainly uses, with what its kernel keeps outside its total; absent while its balloon moves, as its
 * reports are then older or newer than the balloon's size.
 */
function certainUse({ usage, samples: { newest }, memory }: Vm): KiB | undefined {
  const { used } = usage;
  const { available, current } = newest ?? {};
  if (used === undefined || available === undefined || current === undefined) return undefined;
  const kept = Math.max(0, (available > current ? memory : current) - available);
  return KiB(used + kept);
}
