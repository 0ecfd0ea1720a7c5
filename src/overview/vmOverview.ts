import { omitUndefined } from '../common/omitUndefined.ts';
import { KiB } from '../common/units.ts';
import { virtioMemGiven, wholeMiB } from '../memory/balloon.ts';
import { deviceSteps } from '../memory/operation.ts';
import { isOpen } from '../memory/transition.ts';
import { changesOf, jobState } from '../memory/wireState.ts';
import { notOffered } from '../vm/balloonObstacle.ts';
import { movingOf } from '../vm/report/balloonReport.ts';
import { swapRates } from '../vm/report/stats.ts';
import { freshnessOnWire, whyUnknown } from '../vm/report/usage.ts';
import type { UnreadableVm } from '../vm/unreadableVm.ts';
import type { Vm } from '../vm/vm.ts';
import type { VmOverview } from './shown.ts';
import { unreadableWarning, vmWarnings } from './vmWarnings.ts';

/** Returns a VM at a glance, with what it needs by the policy; a VM that does not run has the sizes of its domain only. */
export function vmOverview(vm: Vm, need?: KiB): VmOverview {
  const { domain, isAlive, isAnswering } = vm;
  const virtioMem = virtioMemGiven(domain.memoryDevices);
  const swap = currentSwap(vm);
  const warnings = vmWarnings(vm, swap);
  return omitUndefined({
    id: vm.id,
    name: domain.name,
    status: vm.status,
    memory_kib: vm.usableMemory,
    maximum_kib: wholeMiB(vm.memory),
    ceiling_kib: domain.maxMemory?.size,
    virtio_mem_kib: virtioMem > 0 ? KiB(virtioMem) : undefined,
    guaranteed_kib: vm.guaranteed,
    need_kib: vm.isAlive ? need : undefined,
    freshness: freshnessOnWire(vm.freshness),
    used_absent_because: whyUnknown(vm),
    ballooning_disabled_because: notOffered(vm),
    ...(isAlive ? ofRun(vm) : {}),
    ...(isAlive && isAnswering ? ofSample(vm) : {}),
    swap_in_kib_s: swap?.in,
    swap_out_kib_s: swap?.out,
    jobs: runningJobs(vm),
    warnings,
  });
}

/** Returns what is known of a running domain that cannot be read. */
export const unreadableOverview = ({ id, name, status, reason }: UnreadableVm): VmOverview => ({
  id,
  name,
  status,
  jobs: [],
  warnings: [unreadableWarning(id, reason)],
});

const ofRun = (vm: Vm) => ({
  target_kib: vm.balloonTarget,
  floor_kib: vm.floor,
  target_by: vm.story.by,
  moving: movingOf(vm),
});

function ofSample(vm: Vm) {
  const { balloonHeld, used, resident } = vm.usage;
  const { newest } = vm.samples;
  return {
    last_update: newest?.lastUpdate ? new Date(newest.lastUpdate * 1000).toISOString() : undefined,
    used_kib: vm.freshness.state === 'fresh' ? used : undefined,
    current_kib: newest?.current,
    balloon_held_kib: balloonHeld,
    resident_kib: resident,
  };
}

/** Returns how fast the guest swaps now; undefined if unknown. */
const currentSwap = (vm: Vm): ReturnType<typeof swapRates> =>
  vm.isAlive && vm.isAnswering && vm.freshness.state === 'fresh' ?
    swapRates(vm.samples)
  : undefined;

const runningJobs = (vm: Vm): VmOverview['jobs'] =>
  vm.operations.published.operations
    .filter((operation) => changesOf(operation).length > 0 && jobState(operation) === 'running')
    .map((operation) => {
      const { id, action, startedAt } = operation;
      const steps = deviceSteps(operation);
      return {
        job_id: id,
        action: action === 'plug' || action === 'unplug' ? action : 'set-memory',
        started: new Date(startedAt).toISOString(),
        devices: steps.length,
        devices_open: steps.filter(isOpen).length,
      };
    });
