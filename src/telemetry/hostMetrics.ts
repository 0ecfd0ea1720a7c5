import { type KiB, KiB as kib, toBytes } from '../common/units.ts';
import type { GroupLimit, HostPressure, NodeMemory } from '../host/pressure/hostPressure.ts';
import type { Merging } from '../host/report/ksm.ts';
import { exposition, type Family, type Labelled, labelText } from './exposition.ts';

/** What the policy keeps available; empty while it is off. */
export interface Kept {
  readonly goal?: KiB;
  readonly reserve?: KiB;
}

export interface HostSources {
  /** Undefined if the host cannot be read. */
  readonly pressure: HostPressure | undefined;
  readonly kept: Kept;
  /** Undefined on a kernel without same-page merging. */
  readonly merging: Merging | undefined;
}

/** Returns all series of the host that the VMs run on. */
export function hostMetrics({ pressure, kept, merging }: HostSources): string {
  const hosts = pressure ? [{ labels: '', ...pressure, kept }] : [];
  const { limit, nodes = [], hugepages = [] } = pressure ?? {};
  return (
    exposition(ofHost, hosts) +
    exposition(ofLimit, limit ? [{ labels: labelText({ path: limit.path }), ...limit }] : []) +
    exposition(
      ofNode,
      nodes.map((node) => ({ labels: labelText({ node: String(node.index) }), ...node })),
    ) +
    exposition(
      ofPages,
      hugepages.map(({ size, total, free }) => ({
        labels: labelText({ page_bytes: String(toBytes(size)) }),
        pool: kib(size * total),
        unused: kib(size * free),
      })),
    ) +
    exposition(ofMerging, merging ? [{ labels: '', ...merging }] : [])
  );
}

type Host = HostPressure & Labelled & Pick<HostSources, 'kept'>;
type Pages = Labelled & { readonly pool: KiB; readonly unused: KiB };

/** A size as a gauge in bytes; absent where it is not known. */
const size = <T>(name: string, help: string, of: (subject: T) => KiB | undefined): Family<T> => ({
  name,
  type: 'gauge',
  help,
  value: (subject) => inBytes(of(subject)),
});

const counter = (name: string, help: string, value: Family<Host>['value']): Family<Host> => ({
  name,
  type: 'counter',
  help,
  value,
});

const inBytes = (known: KiB | undefined): number | undefined =>
  known === undefined ? undefined : toBytes(known);

const ofHost: readonly Family<Host>[] = [
  size('vmemd_host_memory_bytes', 'Memory of the host.', ({ total }) => total),
  size(
    'vmemd_host_memory_capacity_bytes',
    "Memory that the host and VMs without huge pages can have: without pools of huge pages, at most the limit of the VMs' control group.",
    ({ capacity }) => capacity,
  ),
  size(
    'vmemd_host_memory_free_bytes',
    'Memory of the host that holds nothing.',
    ({ unused }) => unused,
  ),
  size(
    'vmemd_host_memory_available_bytes',
    "Memory that can be used without swapping: MemAvailable without guest memory in files, at most what the limit leaves; free memory, buffers and caches if the kernel's estimate is unknown.",
    ({ available, free }) => available ?? free,
  ),
  size(
    'vmemd_host_memory_file_backed_bytes',
    'Guest memory in ordinary files, which the kernel counts as available.',
    ({ fileBacked }) => fileBacked,
  ),
  size(
    'vmemd_host_memory_goal_bytes',
    'Memory that the policy keeps available: below it, guests give what they do not need; absent while the policy is off.',
    ({ kept }) => kept.goal,
  ),
  size(
    'vmemd_host_memory_reserve_bytes',
    'Memory that guests grow into only to their guarantees; absent while the policy is off.',
    ({ kept }) => kept.reserve,
  ),
  {
    name: 'vmemd_host_memory_pressure_ratio',
    type: 'gauge',
    help: 'Part of the last 10 s in which some task of the host waited for memory (PSI); absent without PSI.',
    value: ({ stall }) => (stall === undefined ? undefined : stall / 100),
  },
  counter(
    'vmemd_host_memory_waiting_seconds_total',
    'Time in which some task of the host waited for memory (PSI some).',
    ({ stalls }) => stalls?.some,
  ),
  counter(
    'vmemd_host_memory_stalled_seconds_total',
    'Time in which all tasks of the host that could run waited for memory (PSI full).',
    ({ stalls }) => stalls?.full,
  ),
  size('vmemd_host_swap_bytes', 'Swap space of the host.', ({ swapTotal }) => swapTotal),
  size('vmemd_host_swap_free_bytes', 'Free swap space of the host.', ({ swapFree }) => swapFree),
  counter('vmemd_host_swap_in_bytes_total', 'Read from the swap of the host.', ({ swapIn }) =>
    inBytes(swapIn),
  ),
  counter('vmemd_host_swap_out_bytes_total', 'Written to the swap of the host.', ({ swapOut }) =>
    inBytes(swapOut),
  ),
];

const ofLimit: readonly Family<Labelled & GroupLimit>[] = [
  size(
    'vmemd_host_memory_limit_bytes',
    "Memory limit of the VMs' control group, or of one above it, that leaves least; absent if none is set.",
    ({ limit }) => limit,
  ),
  size(
    'vmemd_host_memory_limit_used_bytes',
    'What that control group uses, without caches that can be dropped.',
    ({ used }) => used,
  ),
];

const ofNode: readonly Family<Labelled & NodeMemory>[] = [
  size('vmemd_host_node_memory_bytes', 'Memory of a NUMA node.', ({ total }) => total),
  size('vmemd_host_node_memory_free_bytes', 'Free memory of a NUMA node.', ({ free }) => free),
];

const ofPages: readonly Family<Pages>[] = [
  size('vmemd_host_hugepages_bytes', 'Pool of huge pages of one size.', ({ pool }) => pool),
  size('vmemd_host_hugepages_free_bytes', 'Free huge pages of one size.', ({ unused }) => unused),
];

const ofMerging: readonly Family<Labelled & Merging>[] = [
  {
    name: 'vmemd_host_ksm_run',
    type: 'gauge',
    help: "The kernel's same-page merging: 0 for stopped, 1 for merging, 2 for unmerging.",
    value: ({ run }) => run,
  },
  size('vmemd_host_ksm_saved_bytes', 'Memory that same-page merging saves.', ({ saved }) => saved),
];
