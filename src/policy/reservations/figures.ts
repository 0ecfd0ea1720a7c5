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
  const { resident } = figures;
  const isSetMeanwhile = by === 'client' && setAt > since;
  return {
    ...figures,
    ...(resident !== undefined && { resident: KiB(Math.max(0, resident - OVERHEAD)) }),
    ...(vm.freshness.state !== 'fresh' && { reportedAt: 0 }),
    ...(isSetMeanwhile && figures.exempt === undefined && { exempt: 'pinned' as const }),
    ...(refuses !== undefined && { refuses }),
    ...certainUse(vm),
  };
}

/**
 * What the guest certainly uses, with what its kernel keeps outside its total; absent while its balloon moves, as its
 * reports are then older or newer than the balloon's size.
 */
function certainUse({ usage, samples: { newest }, memory }: Vm): Pick<GiverFigures, 'uses'> {
  const { used } = usage;
  const { available, current } = newest ?? {};
  if (used === undefined || available === undefined || current === undefined) return {};
  const kept = Math.max(0, (available > current ? memory : current) - available);
  return { uses: KiB(used + kept) };
}
