import { Freshness as freshnessSchema } from '../../schema/freshness.ts';
import { KiB, type Seconds, toBytes } from '../common/units.ts';
import type { Freshness } from '../memory/freshness.ts';
import { type Pending, pendingMemory } from '../memory/pendingMemory.ts';
import type { Usage } from '../memory/usage.ts';
import type { Sampled } from '../vm/history.ts';
import type { Vm } from '../vm/vm.ts';
import {
  expositionPieces,
  type Family,
  type Labelled,
  labelText,
  seriesPieces,
} from './exposition.ts';

/** The state of one running or paused VM. */
interface Facts extends Labelled {
  readonly vm: Vm;
  readonly freshness: Freshness;
  readonly hasBalloon: boolean;
  /** The newest sample, while the hypervisor answers for the VM. */
  readonly sample: Sampled | undefined;
  /** The same sample, if the guest's statistics in it are fresh. */
  readonly report: Sampled | undefined;
  readonly usage: Usage;
  /** Wall time of the guest's last report, however old. */
  readonly lastUpdate: Seconds | undefined;
}

/**
 * Writes all series of these VMs in pieces; values of samples only while the hypervisor answers for the VM. While it is
 * away, nothing is known of its VMs.
 */
export function* vmMetrics(vms: readonly Vm[]): Iterable<string> {
  // only one VM of a name can be alive; Prometheus rejects a page that has a series twice
  const byName = new Map(vms.filter((vm) => vm.isAlive).map((vm) => [vm.domain.name, vm]));
  const known = [...byName.values()]
    .filter(({ hypervisor }) => hypervisor.isConnected)
    .map(factsOf);
  yield* seriesPieces(info, vms, infoOf);
  yield* seriesPieces(state, known, statesOf);
  yield* expositionPieces(families, known);
}

function factsOf(vm: Vm): Facts {
  const { newest } = vm.samples;
  const { freshness } = vm;
  const sample = vm.isAnswering ? newest : undefined;
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
  help: 'Every managed VM with its id and status; always 1.',
  value: () => 1,
};

const infoOf = ({ id, domain, status }: Vm): Labelled => ({
  labels: labelText({ domain: domain.name, uuid: id, status }),
});

const state: Family<Labelled & { readonly holds: boolean }> = {
  name: 'vmemd_vm_statistics_state',
  type: 'gauge',
  help: "Freshness of the guest's statistics: 1 for the current state, 0 for the others.",
  value: ({ holds }) => Number(holds),
};

const states = freshnessSchema.properties.state.enum.filter((each) => each !== 'unknown');

/** Returns the series of the states, none while the state is unknown. */
const statesOf = ({ labels, freshness }: Facts) =>
  (freshness.state === 'unknown' ? [] : states).map((each) => ({
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

const owed = (state: Pending): Read<KiB> => {
  return ({ vm }) => pendingMemory(state, vm.domain.memoryDevices, vm.operations);
};

/** Metrics with the meaning of one in the libvirt exporters have its name. */
const families: readonly Family<Facts>[] = [
  size(
    'libvirt_domain_info_maximum_memory_bytes',
    'Memory of the VM as reported by libvirt, plugged devices included.',
    ({ sample }) => sample?.maximum,
  ),
  size(
    'libvirt_domain_info_memory_usage_bytes',
    'Memory of the VM without its balloon; not what the guest uses.',
    ({ sample }) => sample?.current,
  ),
  size(
    'libvirt_domain_memory_stats_actual_balloon_bytes',
    'Memory that the balloon currently leaves to the guest.',
    ({ sample, hasBalloon }) => (hasBalloon ? sample?.current : undefined),
  ),
  size(
    'libvirt_domain_memory_stats_rss_bytes',
    "Resident memory of the VM's QEMU process.",
    ({ sample }) => sample?.rss,
  ),
  size(
    'libvirt_domain_memory_stats_available_bytes',
    'Total memory as the guest reports it; only while its report is fresh.',
    ({ report }) => report?.available,
  ),
  size(
    'libvirt_domain_memory_stats_unused_bytes',
    'Memory that the guest leaves unused; only while its report is fresh.',
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
    'Amount that the guest has swapped in since it booted; only while its report is fresh.',
    ({ report }) => report?.swapIn,
  ),
  size(
    'libvirt_domain_memory_stats_swap_out_bytes',
    'Amount that the guest has swapped out since it booted; only while its report is fresh.',
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
  gauge(
    'vmemd_vm_hung',
    'Whether the VM leaves a call unanswered past its time limit: its QEMU is stopped or hangs.',
    ({ vm: { isHung } }) => (isHung === undefined ? undefined : Number(isHung)),
  ),
  size(
    'vmemd_vm_memory_bytes',
    'Memory of the VM with its balloon empty.',
    ({ vm }) => vm.usableMemory,
  ),
  size(
    'vmemd_vm_guaranteed_bytes',
    'Guaranteed memory, if anyone has set a guarantee: the least that the balloon may leave.',
    ({ vm }) => vm.guaranteed,
  ),
  size(
    'vmemd_vm_balloon_target_bytes',
    'Last target of the balloon: the memory that it shall leave.',
    ({ vm, hasBalloon }) => (hasBalloon ? vm.balloonTarget : undefined),
  ),
  size(
    'vmemd_vm_balloon_held_bytes',
    'Memory that the balloon currently holds.',
    ({ usage, hasBalloon }) => (hasBalloon ? usage.balloonHeld : undefined),
  ),
  size(
    'vmemd_vm_balloon_unreported_bytes',
    'Memory that the balloon holds while the guest has stopped to report its use; 0 while it reports.',
    ({ vm, usage, report }) => (vm.isSilent ? usage.balloonHeld : report && KiB(0)),
  ),
  size(
    'vmemd_vm_memory_not_online_bytes',
    'Plugged memory that the guest did not bring online in time.',
    owed('not-online'),
  ),
  size(
    'vmemd_vm_memory_unplugging_bytes',
    'Memory with a pending unplug request.',
    owed('unplugging'),
  ),
  size(
    'vmemd_vm_used_bytes',
    'Memory that the guest uses, without its caches and its balloon; only while its report is fresh.',
    ({ usage, report }) => report && usage.used,
  ),
];
