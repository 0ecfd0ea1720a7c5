import { omitUndefined } from '../../common/omitUndefined.ts';
import { KiB } from '../../common/units.ts';
import { isDeviceStep } from '../../memory/operation.ts';
import { balloonObstacle } from '../../vm/balloonObstacle.ts';
import type { Sampled } from '../../vm/history.ts';
import type { Vm } from '../../vm/vm.ts';
import type { Exemption, GuestFigures } from '../decide/round/round.ts';

/** The shares that libvirt and oVirt give a domain that asks for none; they weigh 1. */
const USUAL_SHARES = 1024;

/**
 * Returns a VM's figures for a round, under its id. Its weight follows from its CPU shares, since oVirt, as libvirt, has
 * no shares of memory.
 */
export const guestFigures = (vm: Vm, exempt: Exemption | undefined): GuestFigures =>
  omitUndefined({
    name: vm.id,
    floor: vm.floor,
    memory: vm.memory,
    weight: weightOf(vm),
    exempt,
    ...(vm.samples.newest && sampled(vm.samples.newest)),
    // As reported to MoM: memory of a guest that has stopped to report must not be taken.
    ...(vm.keepsMemory && { unused: KiB(0), usable: KiB(0) }),
  });

const weightOf = ({ domain: { cpuShares } }: Vm): number | undefined =>
  cpuShares === undefined ? undefined : cpuShares / USUAL_SHARES;

const sampled = (sample: Sampled) => ({
  current: sample.current,
  resident: sample.rss,
  reportedAt: sample.lastUpdate,
  available: sample.available,
  unused: sample.unused,
  usable: sample.usable,
  diskCaches: sample.diskCaches,
  swapIn: sample.swapIn,
  swapOut: sample.swapOut,
  majorFaults: sample.majorFaults,
});

/** Returns why a VM is not to be ballooned at all, apart from what clients wish; undefined if it may be. */
export function exemptionOf(vm: Vm): Exemption | undefined {
  if (balloonObstacle(vm) !== undefined) {
    return vm.domain.metadata?.ballooningEnabled === false ? 'disabled' : 'no-balloon';
  }
  if (!vm.mayBalloon) return 'not-managed';
  if (vm.domain.pinned) return vm.domain.pinned;
  if (!vm.isAnswering || vm.isHung === true) return 'not-answering';
  if (vm.isPaused) return 'paused';
  return isBusy(vm) ? 'busy' : undefined;
}

/** Whether memory devices come or go, or the balloon's target is to be restored afterwards. */
const isBusy = ({ operations }: Vm): boolean =>
  operations.openSteps.some(({ step }) => isDeviceStep(step) || step.kind === 'balloon');
