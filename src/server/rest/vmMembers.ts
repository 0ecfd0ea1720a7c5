import type { VmStatus } from '../../../schema/types.ts';
import { nextTurn } from '../../common/nextTurn.ts';
import type { Typed } from '../../common/typed.ts';
import { KiB, MiB, toBytes, toKiB } from '../../common/units.ts';
import { parseDomain } from '../../domain-xml/parse.ts';
import { displayOf } from './display.ts';
import { Fault } from './fault.ts';
import type { Members } from './members.ts';
import { hrefOfJobs, hrefOfStatistics, hrefOfVm, inBytes, type RestRequest } from './resource.ts';
import type { Result, VerbClient } from './verbClient.ts';
import { actionLinks } from './vmActions.ts';

type Stats = Result<'Host.getAllVmStats'>[number];
type Overview = Result<'Host.getOverview'>['vms'][number];

/** A VM; sizes in bytes, unknown members are absent. */
export interface VmMembers extends Members {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly memory: number;
  readonly memory_policy: {
    /** Absent without a guarantee. */
    readonly guaranteed: number | undefined;
    readonly max?: number;
    readonly ballooning: boolean;
  };
}

/** oVirt's status for each of VDSM's. */
const STATUS: Readonly<Record<Typed<typeof VmStatus>, string>> = {
  Up: 'up',
  Down: 'down',
  'Migration Source': 'migrating',
  'Migration Destination': 'migrating',
  Paused: 'paused',
  'Powering down': 'powering_down',
  'Powering up': 'powering_up',
  RebootInProgress: 'reboot_in_progress',
  'Restoring state': 'restoring_state',
  'Saving State': 'saving_state',
  WaitForLaunch: 'wait_for_launch',
};

/**
 * Returns all VMs without their memory_policy.max; leaves out a VM that disappears meanwhile or that cannot be read. Two
 * verbs have all that it takes: asking for each VM takes twice the time.
 */
export async function allVms({ call, base }: RestRequest): Promise<readonly VmMembers[]> {
  const stats = await call('Host.getAllVmStats', {});
  // both and the list itself take several milliseconds for a thousand VMs
  await nextTurn();
  const { vms } = await call('Host.getOverview', {});
  await nextTurn();
  const overviews = new Map(vms.map((vm) => [vm.id, vm]));
  return stats.flatMap((each) => {
    const overview = overviews.get(each.vmId);
    const sizes = overview && sizesIn(overview);
    return sizes ? [vmMembers({ ...each, vmName: overview.name }, sizes, base)] : [];
  });
}

/** Undefined if the VM cannot be read. */
function sizesIn(vm: Overview): Sizes | undefined {
  const { maximum_kib: balloonable, virtio_mem_requested_kib: virtioMem = KiB(0) } = vm;
  if (balloonable === undefined) return undefined;
  return {
    memory: KiB(balloonable + virtioMem),
    guaranteed: vm.guaranteed_kib,
    ballooning: vm.ballooning_disabled_because === undefined,
  };
}

/** Returns a VM, with the sizes of its next run on request; throws a {@link Fault} if there is none. */
export async function oneVm(
  vmId: string,
  request: RestRequest,
  { nextRun = false } = {},
): Promise<VmMembers> {
  const [[stats], { name, maxMemory }, next] = await Promise.all([
    request.call('VM.getStats', { vmID: vmId }),
    domainOf(request.call, vmId),
    nextRunOf(vmId, request, nextRun),
  ]);
  if (!stats) throw new Fault(404, 'There are no statistics of this VM.');
  const vm = await vmOf({ ...stats, vmName: name }, request);
  const max = maxMemory ? { max: toBytes(maxMemory.size) } : {};
  const memory_policy = { ...vm.memory_policy, ...max };
  const differs = next && (next.differs ?? false);
  const present = { ...vm, memory_policy, next_run_configuration_exists: differs };
  return nextRun && next ? withSizes(present, next) : present;
}

type NextRun = Result<'VM.getNextRun'>;

/** Returns the VM's next run; undefined if it could not be read and is not required. */
const nextRunOf = (
  vmId: string,
  { call }: RestRequest,
  isRequired: boolean,
): Promise<NextRun | undefined> =>
  call('VM.getNextRun', { vmID: vmId }).catch((error: unknown) => {
    if (isRequired) throw error;
    return undefined;
  });

/** As in oVirt, the sizes of this run where the next one has the same or is not configured. */
function withSizes(vm: VmMembers, next: NextRun): VmMembers {
  if (next.differs !== true) return vm;
  const { memory_mib, guaranteed_mib, max_memory_mib } = next;
  const { ballooning, guaranteed } = vm.memory_policy;
  const max = inBytes(max_memory_mib);
  return {
    ...vm,
    memory: inBytes(memory_mib) ?? vm.memory,
    memory_policy: {
      guaranteed: inBytes(guaranteed_mib) ?? guaranteed,
      ...(max === undefined ? {} : { max }),
      ballooning,
    },
  };
}

/** Returns the VM's domain, for values that only its XML has. */
async function domainOf(call: VerbClient, vmId: string) {
  const xmls = await call('Host.dumpxmls', { vmList: [vmId] });
  return parseDomain(xmls[vmId] ?? '');
}

async function vmOf(stats: Stats & { readonly vmName: string }, { call, base }: RestRequest) {
  const balloon = await call('VM.getBalloonInfo', { vmID: stats.vmId });
  const devices = await call('VM.getMemoryDevices', { vmID: stats.vmId });
  const virtioMem = devices.reduce(
    (sum, { requested_mib = MiB(0) }) => sum + toKiB(requested_mib),
    0,
  );
  const sizes = {
    memory: KiB(Number(balloon.balloon_max) + virtioMem),
    guaranteed: balloon.guaranteed_kib,
    ballooning: balloon.ballooning_enabled,
  };
  return vmMembers(stats, sizes, base);
}

interface Sizes {
  /** With the requested instead of current sizes of virtio-mem, so that a client can send it back while the guest still plugs. */
  readonly memory: KiB;
  readonly guaranteed: KiB | undefined;
  readonly ballooning: boolean;
}

function vmMembers(
  { vmId, vmName, status, displayInfo }: Stats & { readonly vmName: string },
  { memory, guaranteed, ballooning }: Sizes,
  base: string,
): VmMembers {
  const href = hrefOfVm(base, vmId);
  return {
    href,
    id: vmId,
    name: vmName,
    status: STATUS[status],
    memory: toBytes(memory),
    memory_policy: { guaranteed: guaranteed && toBytes(guaranteed), ballooning },
    display: displayOf(displayInfo),
    actions: actionLinks(href),
    link: [
      { rel: 'statistics', href: hrefOfStatistics(base, vmId) },
      { rel: 'reporteddevices', href: `${href}/reporteddevices` },
      { rel: 'jobs', href: hrefOfJobs(base, vmId) },
    ],
  };
}
