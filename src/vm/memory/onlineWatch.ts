import { isJudged, plugOf } from '../../memory/deviceState.ts';
import {
  type GuestTotal,
  seenBeyond,
  seenOnline,
  type Unseen,
  type Verdict,
} from '../../memory/online.ts';
import type { Placed, PlugStep } from '../../memory/operation.ts';
import { isOpen } from '../../memory/transition.ts';
import { floorMiB, KiB } from '../../common/units.ts';
import type { Vm } from '../vm.ts';
import { observeNow } from './commit.ts';

/**
 * Called before a plug: stores the guest's present total for comparison, unless earlier plugged devices are still
 * unseen. A report from before memory last changed does not show the present total.
 */
export function captureBaseline(vm: Vm): void {
  const { baseline } = vm.operations;
  const isWaiting = unseen(vm).some(({ isDue }) => !isDue);
  const isOld = reportedAt(vm) <= baseline.changedAt;
  if (isWaiting || (isOld && baseline.total)) return;
  baseline.set(isOld ? undefined : totalOf(vm));
}

/** Judges by the newest sample which plugged devices the guest uses; new verdicts are recorded and written. */
export function watchOnline(vm: Vm): void {
  if (judge(vm).verdicts.length === 0) return;
  observeNow(vm, () => {
    const { devices, verdicts, before } = judge(vm);
    if (verdicts.length === 0) return;
    vm.operations.baseline.set(before);
    for (const verdict of verdicts) record(vm, devices, verdict);
  });
}

/** The new verdicts about devices that the guest is not seen to use yet, and the total to compare with after them. */
function judge(vm: Vm) {
  const { total: before, changedAt } = vm.operations.baseline;
  const devices = unseen(vm);
  const now = totalOf(vm);
  if (devices.length === 0 || !now || reportedAt(vm) <= changedAt) {
    return { devices, verdicts: [], before };
  }
  const found =
    before ?
      seenOnline(before, now, devices, vm.usableMemory)
    : { verdicts: seenBeyond(memoryWithout(vm, devices), now, devices), before };
  const verdicts = found.verdicts.filter((verdict) => isChange(devices, verdict));
  return { devices, verdicts, before: found.before };
}

const memoryWithout = ({ usableMemory }: Vm, devices: readonly Unseen[]): KiB =>
  KiB(devices.reduce((rest, { size }) => rest - size, Number(usableMemory)));

interface UnseenDevice extends Unseen {
  readonly placed: Placed<PlugStep>;
}

/** Returns the unseen devices, open ones first, since a guest that grows now most likely uses one of them. */
const unseen = (vm: Vm): UnseenDevice[] =>
  vm.domain.memoryDevices
    .flatMap((device) => plugOf(vm.operations.operations, device) ?? [])
    .filter(({ step }) => isUnseen(vm, step))
    .sort((a, b) => Number(isOpen(b.step)) - Number(isOpen(a.step)))
    .map((placed) => ({
      alias: placed.step.alias ?? '',
      size: placed.step.size,
      isDue: isDue(vm, placed.step),
      placed,
    }));

/** Returns whether this boot of the guest was not seen to use the device; one that is not online can still come online. */
function isUnseen(vm: Vm, step: PlugStep): boolean {
  const { state } = step;
  if (state !== 'sent' && state !== 'timed-out' && state !== 'done') return false;
  return state === 'timed-out' || !isJudged(step, vm.operations.boot);
}

/** Returns whether the device's deadline to come online has passed; an earlier boot's device has none. */
function isDue(vm: Vm, step: PlugStep): boolean {
  if (!isOpen(step)) return isJudged(step, vm.operations.boot);
  return reportedAt(vm) >= (step.sentAt ?? 0) + vm.hotplugTimeouts.onlineTimeout;
}

/** When the guest made its newest report, in milliseconds since 1970. */
const reportedAt = (vm: Vm): number => (vm.samples.newest?.lastUpdate ?? 0) * 1000;

/** The guest's own total, if it reports it. */
function totalOf(vm: Vm): GuestTotal | undefined {
  const { newest } = vm.samples;
  if (vm.freshness.state !== 'fresh' || newest?.available === undefined) return undefined;
  return {
    available: newest.available,
    held: newest.heldAtReport?.least ?? newest.balloonHeld ?? KiB(0),
  };
}

/** Returns whether a verdict changes the record: a device that was not online in time can only become online. */
function isChange(devices: readonly UnseenDevice[], { alias, state }: Verdict): boolean {
  const device = devices.find((one) => one.alias === alias);
  return device !== undefined && (isOpen(device.placed.step) || state === 'online');
}

function record(vm: Vm, devices: readonly UnseenDevice[], { alias, state }: Verdict): void {
  const device = devices.find((one) => one.alias === alias);
  if (!device) return;
  const { operation, index, step } = device.placed;
  const ref = { id: operation.id, index };
  if (step.state !== 'done') {
    vm.operations.apply(ref, state === 'not-online' ? 'deadline' : 'seen', {
      message: advice(device)[state],
      ...(state === 'unverified' && { isUnverified: true }),
    });
  }
  if (state === 'online') vm.operations.markUsed(ref);
}

const advice = ({ size }: Unseen): Record<Verdict['state'], string> => ({
  online: `the guest has ${String(floorMiB(size))} MiB more`,
  'not-online':
    `the guest's total has not grown by the ${String(floorMiB(size))} MiB: bring the memory online in the guest, as movable if it is to be ` +
    'unplugged later (now: echo online_movable > /sys/devices/system/memory/auto_online_blocks, and into the state of each memory block that ' +
    'is offline; for good: memhp_default_state=online_movable on its kernel command line)',
  unverified: 'the balloon moved meanwhile, so it is unknown whether the guest uses the device',
});
