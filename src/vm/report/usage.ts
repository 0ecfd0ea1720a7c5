import type { Freshness } from '../../memory/freshness.ts';
import type { Usage } from '../../memory/usage.ts';
import type { KiB } from '../../common/units.ts';
import type { Sampled } from '../history.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import type { Vm } from '../vm.ts';

/** Returns freshness in the form that clients receive. */
export const freshnessOnWire = (freshness: Freshness) => ({
  state: freshness.state,
  ...('age' in freshness ? { age_s: freshness.age } : {}),
});

/**
 * Returns a VM's memory in the form of VM.getMemoryUsage: sizes in KiB, unknown ones absent, as are those of samples
 * while the hypervisor does not answer for the VM.
 */
export function describeUsage(vm: Vm) {
  const { newest } = vm.samples;
  const { freshness, isAnswering } = vm;
  const { allocated, balloonHeld, used, resident }: Usage = isAnswering ? vm.usage : {};
  const isFresh = freshness.state === 'fresh' && isAnswering;
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
      used_absent_because: whyUnknown(vm),
    }),
    ...(isFresh ? guestFigures(newest) : {}),
  };
}

/** Returns why nothing of a running VM's samples holds now; undefined if it does. */
export function whyNoSample({ isAlive, isAnswering, hypervisor }: Vm): string | undefined {
  if (!isAlive || isAnswering) return undefined;
  return hypervisor.isConnected ? NO_ANSWER : NOT_CONNECTED;
}

/** Returns why it is unknown what the guest uses; undefined if it is known. */
function whyUnknown(vm: Vm): string | undefined {
  const { freshness, isAlive, status } = vm;
  if (!isAlive) return `the VM is ${status}`;
  const reason = whyNoSample(vm);
  return reason ?? whyAbsent(freshness, vm.usage);
}

/** Returns why it is unknown what the guest of a VM that is sampled uses; undefined if it is known. */
export const whyAbsent = ({ state }: Freshness, { reason }: Usage): string | undefined =>
  state === 'fresh' ? reason : absence[state];

const NOT_CONNECTED = 'vmemd is not connected to the hypervisor, and tries to connect again';
const NO_ANSWER = 'the hypervisor does not answer for this VM: check whether its QEMU hangs';

const absence: Readonly<Record<Exclude<Freshness['state'], 'fresh'>, string>> = {
  stale: 'the guest has stopped reporting',
  paused: "the VM is paused, and its guest's last report may be old",
  'no-values': "the guest's balloon driver reports without values",
  never: 'no balloon driver in the guest has reported: it is missing, disabled, or still starting',
  'no-period': 'no statistics period is set; set one with VM.setMemoryStatsPeriod',
  unknown: 'the hypervisor has not answered for this VM yet',
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
 * report, or while the hypervisor does not answer for the VM.
 */
export function meters(vm: Vm) {
  if (!vm.isAnswering) return {};
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
