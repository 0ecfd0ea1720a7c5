import { Freshness as freshnessSchema } from '../../schema/freshness.ts';
import { memoryOwed, type Owed } from '../memory/memoryOwed.ts';
import type { Freshness } from '../memory/freshness.ts';
import type { Usage } from '../memory/usage.ts';
import { type KiB, type Milliseconds, type Seconds, toBytes } from '../common/units.ts';
import type { Sampled } from '../vm/history.ts';
import type { Vm } from '../vm/vm.ts';
import { exposition, type Family, type Labelled, labelText } from './exposition.ts';

/** What is known of one running or paused VM at one moment. */
interface Facts extends Labelled {
  readonly vm: Vm;
  readonly freshness: Freshness;
  readonly hasBalloon: boolean;
  /** The newest sample, if the hypervisor has answered for this VM lately. */
  readonly sample: Sampled | undefined;
  /** The same sample, if what the guest told with it is fresh. */
  readonly report: Sampled | undefined;
  readonly usage: Usage;
  /** Wall clock of the guest's last report, however old. */
  readonly lastUpdate: Seconds | undefined;
}

/** All series of these VMs; samples that are older than `staleAfter` tell nothing. */
export function vmMetrics(vms: readonly Vm[], staleAfter: Milliseconds): string {
  // of two with one name only one can be alive; a page with the same series twice would be refused as a whole
  const byName = new Map(vms.filter((vm) => vm.isAlive).map((vm) => [vm.domain.name, vm]));
  const known = [...byName.values()].map((vm) => factsOf(vm, staleAfter));
  return (
    exposition([info], vms.map(infoOf)) +
    exposition([state], known.flatMap(statesOf)) +
    exposition(families, known)
  );
}

function factsOf(vm: Vm, staleAfter: Milliseconds): Facts {
  const { newest } = vm.samples;
  const { freshness } = vm;
  const sample = newest && vm.clock.now() - newest.at <= staleAfter ? newest : undefined;
  return {
    vm,
    labels: labelText({ domain: vm.domain.name }),
    freshness,
    hasBalloon: freshness.state !== 'no-device',
    sample,
    report: freshness.state === 'fresh' ? sample : undefined,
    usage: sample ? vm.usage : {},
    lastUpdate: newest?.lastUpdate || undefined,
  };
}

const info: Family<Labelled> = {
  name: 'vmemd_vm_info',
  type: 'gauge',
  help: 'Every VM that is managed, with its id and status; always 1.',
  value: () => 1,
};

const infoOf = ({ id, domain, status }: Vm): Labelled => ({
  labels: labelText({ domain: domain.name, uuid: id, status }),
});

const state: Family<Labelled & { readonly holds: boolean }> = {
  name: 'vmemd_vm_statistics_state',
  type: 'gauge',
  help: "How far the guest's statistics can be trusted: 1 for the state that they are in, 0 for the others.",
  value: ({ holds }) => Number(holds),
};

const { enum: states } = freshnessSchema.properties.state;

const statesOf = ({ labels, freshness }: Facts) =>
  states.map((each) => ({
    labels: `${labels.slice(0, -1)},state="${each}"}`,
    holds: each === freshness.state,
  }));

type Read<V extends number> = (facts: Facts) => V | undefined;

const gauge = (name: string, help: string, value: Read<number>): Family<Facts> => ({
  name,
  type: 'gauge',
  help,
  value,
});

const size = (name: string, help: string, read: Read<KiB>): Family<Facts> =>
  gauge(name, help, (facts) => {
    const found = read(facts);
    return found && toBytes(found);
  });

const counter = (name: string, help: string, value: Read<number>): Family<Facts> => ({
  ...gauge(name, help, value),
  type: 'counter',
});

const owed = (state: Owed): Read<KiB> => {
  return ({ vm }) => memoryOwed(state, vm.domain.memoryDevices, vm.jobs.all);
};

/** Names are those of the libvirt exporters where the meaning is the same. */
const families: readonly Family<Facts>[] = [
  size(
    'libvirt_domain_info_maximum_memory_bytes',
    'Memory of the VM, plugged devices included, as libvirt tells it.',
    ({ sample }) => sample?.maximum,
  ),
  size(
    'libvirt_domain_info_memory_usage_bytes',
    'Memory that is allocated to the VM: what its balloon leaves, not what its guest uses.',
    ({ sample }) => sample?.current,
  ),
  size(
    'libvirt_domain_memory_stats_actual_balloon_bytes',
    'Memory that the balloon leaves to the guest now.',
    ({ sample, hasBalloon }) => (hasBalloon ? sample?.current : undefined),
  ),
  size(
    'libvirt_domain_memory_stats_rss_bytes',
    "Memory of the host that the VM's QEMU process occupies.",
    ({ sample }) => sample?.rss,
  ),
  size(
    'libvirt_domain_memory_stats_available_bytes',
    'Memory that the guest counts as its own; only while its report is fresh.',
    ({ report }) => report?.available,
  ),
  size(
    'libvirt_domain_memory_stats_unused_bytes',
    'Memory that the guest does not use at all; only while its report is fresh.',
    ({ report }) => report?.unused,
  ),
  size(
    'libvirt_domain_memory_stats_usable_bytes',
    'Memory that the guest could use without swapping; only while its report is fresh.',
    ({ report }) => report?.usable,
  ),
  size(
    'libvirt_domain_memory_stats_disk_caches_bytes',
    "Memory that holds the guest's page cache; only while its report is fresh.",
    ({ report }) => report?.diskCaches,
  ),
  size(
    'libvirt_domain_memory_stats_swap_in_bytes',
    'What the guest has read from its swap since it booted; only while its report is fresh.',
    ({ report }) => report?.swapIn,
  ),
  size(
    'libvirt_domain_memory_stats_swap_out_bytes',
    'What the guest has written to its swap since it booted; only while its report is fresh.',
    ({ report }) => report?.swapOut,
  ),
  counter(
    'libvirt_domain_memory_stats_major_fault_total',
    'Page faults of the guest that needed its disk; only while its report is fresh.',
    ({ report }) => report?.majorFaults,
  ),
  counter(
    'libvirt_domain_memory_stats_minor_fault_total',
    'Page faults of the guest that needed no disk; only while its report is fresh.',
    ({ report }) => report?.minorFaults,
  ),
  gauge(
    'libvirt_domain_memory_stats_last_update_timestamp_seconds',
    "When the guest's balloon driver last reported, by the host's clock.",
    ({ lastUpdate }) => lastUpdate,
  ),
  gauge(
    'vmemd_vm_statistics_age_seconds',
    "Age of the guest's last report.",
    ({ vm, lastUpdate }) => lastUpdate && Math.max(0, vm.clock.wallTime() - lastUpdate),
  ),
  size(
    'vmemd_vm_memory_bytes',
    'Memory that the balloon acts on: the most that it can leave.',
    ({ vm }) => vm.memory,
  ),
  size(
    'vmemd_vm_guaranteed_bytes',
    'Memory below which the balloon is never asked to go.',
    ({ vm }) => vm.guaranteed,
  ),
  size(
    'vmemd_vm_balloon_target_bytes',
    'What the balloon was last asked to leave.',
    ({ vm, hasBalloon }) => (hasBalloon ? vm.balloonTarget : undefined),
  ),
  size('vmemd_vm_balloon_held_bytes', 'What the balloon holds now.', ({ usage, hasBalloon }) =>
    hasBalloon ? usage.balloonHeld : undefined,
  ),
  size(
    'vmemd_vm_memory_not_online_bytes',
    'Memory that was plugged and that the guest was not seen to take up in time.',
    owed('not-online'),
  ),
  size(
    'vmemd_vm_memory_unplugging_bytes',
    'Memory that the guest was asked to give back, and has neither given nor refused.',
    owed('unplugging'),
  ),
  size(
    'vmemd_vm_used_bytes',
    'What the guest itself uses, neither its caches nor its balloon counted; only while its report is fresh.',
    ({ usage, report }) => report && usage.used,
  ),
];
