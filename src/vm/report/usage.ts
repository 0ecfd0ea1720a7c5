import type { Freshness } from '../../memory/freshness.ts';
import type { Usage } from '../../memory/usage.ts';
import type { KiB, Milliseconds } from '../../common/units.ts';
import type { Sampled } from '../history.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import type { Vm } from '../vm.ts';

/** Returns freshness in the form that clients receive. */
export const freshnessOnWire = (freshness: Freshness) => ({
  state: freshness.state,
  ...('age' in freshness ? { age_s: freshness.age } : {}),
});

/**
 * Returns a VM's memory in the form of VM.getMemoryUsage: sizes in KiB, unknown ones absent, as are those of a sample
 * older than `staleAfter`.
 */
export function describeUsage(vm: Vm, staleAfter: Milliseconds) {
  const { newest } = vm.samples;
  const isStale = vm.clock.now() - vm.answeredAt > staleAfter;
  const { allocated, balloonHeld, used, resident }: Usage = isStale ? {} : vm.usage;
  const { freshness } = vm;
  const isFresh = freshness.state === 'fresh' && !isStale;
  return {
    freshness: freshnessOnWire(freshness),
    memory_kib: vm.usableMemory,
    ...omitUndefined({
      guaranteed_kib: vm.guaranteed,
      allocated_kib: allocated,
      balloon_held_kib: balloonHeld,
      resident_kib: resident,
      sample_age_s: newest && Math.round((vm.clock.now() - newest.at) / 1000),
      used_kib: isFresh ? used : undefined,
      used_absent_because: whyUnknown(vm, isStale),
    }),
    ...(isFresh ? guestFigures(newest) : {}),
  };
}

/** Returns why it is unknown what the guest uses; undefined if it is known. */
function whyUnknown(vm: Vm, isStale: boolean): string | undefined {
  const { freshness, isAlive, status, hypervisor } = vm;
  if (!isAlive) return `the VM is ${status}`;
  if (!hypervisor.isConnected && freshness.state !== 'fresh') return NOT_CONNECTED;
  if (isStale) return NO_ANSWER;
  return freshness.state === 'fresh' ? vm.usage.reason : absence[freshness.state];
}

const NOT_CONNECTED = 'vmemd is not connected to the hypervisor, and tries to connect again';
const NO_ANSWER =
  'the hypervisor has not answered for this VM for too long: check whether its QEMU hangs';

const absence: Readonly<Record<Exclude<Freshness['state'], 'fresh'>, string>> = {
  stale: 'the guest has stopped reporting',
  paused: "the VM is paused, and its guest's last report may be old",
  'no-values': "the guest's balloon driver reports without values",
  never: 'no balloon driver in the guest has reported: it is missing, disabled, or still starting',
  'no-period': 'no statistics period is set; set one with VM.setMemoryStatsPeriod',
  'no-device': 'the VM has no balloon device to report by',
};

const guestFigures = (sample: Sampled | undefined) =>
  omitUndefined({
    available_kib: sample?.available,
    unused_kib: sample?.unused,
    usable_kib: sample?.usable,
    disk_caches_kib: sample?.diskCaches,
    swap_in_kib: sample?.swapIn,
    swap_out_kib: sample?.swapOut,
    major_faults: sample?.majorFaults,
    minor_faults: sample?.minorFaults,
  });

/**
 * Returns Ceilometer's memory meters of a VM, in MiB, by Ceilometer's names (compute/pollsters/instance_stats.py):
 * gauges, except the swap meters, which are counters. A meter is absent if it is unknown, or known only by a stale
 * report or by a sample older than `staleAfter`.
 */
export function meters(vm: Vm, staleAfter: Milliseconds) {
  if (vm.clock.now() - vm.answeredAt > staleAfter) return {};
  const { allocated, used, resident } = vm.usage;
  const fresh = vm.freshness.state === 'fresh' ? vm.samples.newest : undefined;
  const [swapIn, swapOut] = [fresh?.swapIn, fresh?.swapOut];
  const bothSwaps = swapIn !== undefined && swapOut !== undefined;
  return omitUndefined({
    memory: inMiB(allocated),
    'memory.available': inMiB(fresh?.available),
    'memory.usage': fresh && inMiB(used),
    'memory.resident': inMiB(resident),
    'memory.swap.in': bothSwaps ? inMiB(swapIn) : undefined,
    'memory.swap.out': bothSwaps ? inMiB(swapOut) : undefined,
  });
}

/** Returns a size in MiB, not rounded, like Ceilometer's samples. */
const inMiB = (size: KiB | undefined): number | undefined =>
  size === undefined ? undefined : size / 1024;
