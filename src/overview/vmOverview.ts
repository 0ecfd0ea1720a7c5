import { omitUndefined } from '../common/omitUndefined.ts';
import { KiB, type Seconds } from '../common/units.ts';
import { virtioMemGiven, virtioMemRequested, wholeMiB } from '../memory/balloon.ts';
import { deviceSteps } from '../memory/operation.ts';
import { isOpen } from '../memory/transition.ts';
import { changesOf, jobState } from '../memory/wireState.ts';
import { notOffered } from '../vm/balloonObstacle.ts';
import { movingOf } from '../vm/report/balloonReport.ts';
import { swapRates } from '../vm/report/stats.ts';
import { freshnessOnWire, whyAbsent, whyNoSample } from '../vm/report/usage.ts';
import type { UnreadableVm } from '../vm/unreadableVm.ts';
import type { Vm } from '../vm/vm.ts';
import type { Seen, VmOverview } from './shown.ts';
import { unreadableWarning, vmWarnings } from './vmWarnings.ts';

function seen(vm: Vm): Seen {
  const { isAlive, freshness } = vm;
  const silence = whyNoSample(vm);
  const isSampled = isAlive && silence === undefined;
  return {
    vm,
    silence,
    freshness,
    usage: isSampled ? vm.usage : {},
    moving: isSampled ? movingOf(vm) : undefined,
    swap: isSampled && freshness.state === 'fresh' ? swapRates(vm.samples) : undefined,
  };
}

/**
 * Returns a VM at a glance, with what it needs by the policy; a VM that does not run has its domain's sizes only. One
 * object without parts that are spread, as there may be a thousand of them.
 */
export function vmOverview(vm: Vm, need?: KiB): VmOverview {
  const { domain, isAlive } = vm;
  const facts = seen(vm);
  const { freshness, usage, swap } = facts;
  const run = isAlive ? runOf(vm) : NO_RUN;
  const sample = isAlive && facts.silence === undefined ? vm.samples.newest : undefined;
  return omitUndefined({
    id: vm.id,
    name: domain.name,
    status: vm.status,
    memory_kib: vm.usableMemory,
    maximum_kib: wholeMiB(vm.memory),
    ceiling_kib: domain.maxMemory?.size,
    virtio_mem_kib: known(virtioMemGiven(domain.memoryDevices)),
    virtio_mem_requested_kib: known(virtioMemRequested(domain.memoryDevices)),
    guaranteed_kib: vm.guaranteed,
    floor_kib: run.floor,
    target_kib: run.target,
    target_by: run.by,
    need_kib: isAlive ? need : undefined,
    freshness: freshnessOnWire(freshness),
    last_update: isoTime(sample?.lastUpdate),
    used_kib: freshness.state === 'fresh' ? usage.used : undefined,
    used_absent_because: whyUnknown(facts),
    current_kib: sample?.current,
    balloon_held_kib: usage.balloonHeld,
    resident_kib: usage.resident,
    moving: facts.moving,
    swap_in_kib_s: swap?.in,
    swap_out_kib_s: swap?.out,
    ballooning_disabled_because: notOffered(vm),
    jobs: runningJobs(vm),
    warnings: isAlive ? vmWarnings(facts) : [],
  });
}

const NO_RUN = { floor: undefined, target: undefined, by: undefined };
const runOf = (vm: Vm) => ({ floor: vm.floor, target: vm.balloonTarget, by: vm.story.by });

/** Most VMs have no virtio-mem device. */
const known = (size: number): KiB | undefined => (size > 0 ? KiB(size) : undefined);

const whyUnknown = ({ vm, silence, freshness, usage }: Seen): string | undefined =>
  vm.isAlive ? (silence ?? whyAbsent(freshness, usage)) : `the VM is ${vm.status}`;

/** Undefined before the first report, at 0. */
const isoTime = (time: Seconds | undefined): string | undefined =>
  time ? new Date(time * 1000).toISOString() : undefined;

/** Returns what is known of a running domain that cannot be read. */
export const unreadableOverview = ({ id, name, status, reason }: UnreadableVm): VmOverview => ({
  id,
  name,
  status,
  jobs: [],
  warnings: [unreadableWarning(id, reason)],
});

const NO_JOBS: VmOverview['jobs'] = [];

function runningJobs(vm: Vm): VmOverview['jobs'] {
  const { operations } = vm.operations.published;
  if (operations.length === 0) return NO_JOBS;
  return operations
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
}
