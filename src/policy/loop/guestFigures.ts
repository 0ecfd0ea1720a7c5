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
export function guestFigures(vm: Vm, exempt: Exemption | undefined): GuestFigures {
  const { floor, memory, keepsMemory } = vm;
  const sample: Partial<Sampled> = vm.samples.newest ?? {};
  // Written out: objects that are merged of several take four times as long, and are slow to read.
  return {
    name: vm.id,
    floor,
    memory,
    weight: weightOf(vm),
    exempt,
    current: sample.current,
    resident: sample.rss,
    reportedAt: sample.lastUpdate,
    available: sample.available,
    // As reported to MoM: memory of a guest that has stopped to report must not be taken.
    unused: keepsMemory ? KiB(0) : sample.unused,
    usable: keepsMemory ? KiB(0) : sample.usable,
    diskCaches: sample.diskCaches,
    swapIn: sample.swapIn,
    swapOut: sample.swapOut,
    majorFaults: sample.majorFaults,
  };
}

const weightOf = ({ domain: { cpuShares } }: Vm): number | undefined =>
  cpuShares === undefined ? undefined : cpuShares / USUAL_SHARES;

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
