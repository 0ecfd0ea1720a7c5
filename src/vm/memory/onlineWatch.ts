import {
  type ChangeState,
  isOpen,
  type MemoryChange,
  type MemoryJob,
  newestChange,
} from '../../memory/jobs.ts';
import {
  type GuestTotal,
  seenBeyond,
  seenOnline,
  type Unseen,
  type Verdict,
} from '../../memory/online.ts';
import { floorMiB, KiB, Milliseconds } from '../../common/units.ts';
import { saveLater } from '../record/savedJobs.ts';
import type { Vm } from '../vm.ts';

/**
 * Before a device is plugged: keeps what the guest counts now, unless devices plugged before are being waited for. What
 * it told before memory came or went last is not what it counts now; what was kept then takes that in.
 */
export function compareTotals(vm: Vm): void {
  const isWaiting = unseen(vm).some(({ isDue }) => !isDue);
  const isOld = reportedAt(vm) <= vm.jobs.before.changedAt;
  if (isWaiting || (isOld && vm.jobs.before.total)) return;
  vm.jobs.before.compareWith(isOld ? undefined : totalOf(vm));
}

/** Judges by the newest sample which plugged devices the guest uses, and which not; told and kept if that is news. */
export function watchOnline(vm: Vm): void {
  const { total: before, changedAt } = vm.jobs.before;
  const devices = unseen(vm);
  const now = totalOf(vm);
  if (devices.length === 0 || !now || reportedAt(vm) <= changedAt) return;
  const found =
    before ?
      seenOnline(before, now, devices)
    : { verdicts: seenBeyond(memoryWithout(vm, devices), now, devices), before };
  const news = found.verdicts.filter((verdict) => apply(vm, devices, verdict));
  if (news.length === 0) return;
  vm.jobs.before.compareWith(found.before);
  saveLater(vm);
}

const memoryWithout = ({ usableMemory }: Vm, devices: readonly Unseen[]): KiB =>
  KiB(devices.reduce((rest, { size }) => rest - size, Number(usableMemory)));

/** How long a plugged device may take to show, reports of the guest that come late included. */
export function onlineDeadline(vm: Vm): Milliseconds {
  const period = vm.domain.balloon?.statsPeriod ?? 0;
  return Milliseconds(vm.hotplugTimeouts.onlineTimeout + 2000 * (period + vm.samplingInterval));
}

interface UnseenDevice extends Unseen {
  readonly job: MemoryJob;
  readonly change: MemoryChange;
}

/** Those that are waited for first, as a guest that grows now has most likely taken up one of them. */
const unseen = (vm: Vm): UnseenDevice[] =>
  vm.domain.memoryDevices
    .flatMap(({ alias = '' }) => newestChange(vm.jobs.all, alias, 'plug') ?? [])
    .filter(({ change }) => UNSEEN.includes(change.state) && vm.deviceOf(change))
    .sort((a, b) => Number(isOpen(b.change)) - Number(isOpen(a.change)))
    .map(({ job, change }) => ({
      alias: change.alias,
      size: change.size,
      isDue: !isOpen(change) || isDue(vm, change),
      job,
      change,
    }));

const UNSEEN: readonly ChangeState[] = ['requested', 'not-online'];

const isDue = (vm: Vm, { askedAt = Milliseconds(0) }: MemoryChange): boolean =>
  reportedAt(vm) >= askedAt + vm.hotplugTimeouts.onlineTimeout;

/** Milliseconds since 1970. */
const reportedAt = (vm: Vm): number => (vm.samples.newest?.lastUpdate ?? 0) * 1000;

/** What the guest counts, as long as it tells that. */
function totalOf(vm: Vm): GuestTotal | undefined {
  const { newest } = vm.samples;
  if (vm.freshness.state !== 'fresh' || newest?.available === undefined) return undefined;
  return {
    available: newest.available,
    held: newest.heldAtReport ?? newest.balloonHeld ?? KiB(0),
  };
}

/** Carries the device's change on where the verdict is news. */
function apply(vm: Vm, devices: readonly UnseenDevice[], { alias, state }: Verdict): boolean {
  const device = devices.find((one) => one.alias === alias);
  // What did not come online by its time still may.
  if (!device || (!isOpen(device.change) && state !== 'online')) return false;
  vm.jobs.carryOn(device.job.id, alias, { state, message: advice(device)[state] });
  return true;
}

const advice = ({ size }: Unseen): Record<Verdict['state'], string> => ({
  online: `the guest has ${String(floorMiB(size))} MiB more`,
  'not-online':
    `the guest's total has not grown by the ${String(floorMiB(size))} MiB: bring the memory online in the guest, as movable if it is to be ` +
    'given back one day (now: echo online_movable > /sys/devices/system/memory/auto_online_blocks, and into the state of each memory block that ' +
    'is offline; for good: memhp_default_state=online_movable on its kernel command line)',
  unverified: 'the balloon moved meanwhile, so nobody knows whether the guest uses the device',
});
