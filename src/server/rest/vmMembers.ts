import type { VmStatus } from '../../../schema/types.ts';
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

/** Returns all VMs without their memory_policy.max; leaves out a VM that disappears meanwhile or that cannot be read. */
export async function allVms(request: RestRequest): Promise<readonly VmMembers[]> {
  const vms: VmMembers[] = [];
  for (const stats of await request.call('Host.getAllVmStats', {})) {
    if (stats.unreadable !== undefined) continue;
    const vm = await vmOf(stats, request).catch(unlessGone);
    if (vm) vms.push(vm);
  }
  return vms;
}

const unlessGone = (error: unknown): undefined => {
  if (error instanceof Fault && error.status === 404) return undefined;
  throw error;
};

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

async function vmOf(
  { vmId, vmName, status, displayInfo }: Stats,
  { call, base }: RestRequest,
): Promise<VmMembers> {
  const balloon = await call('VM.getBalloonInfo', { vmID: vmId });
  const devices = await call('VM.getMemoryDevices', { vmID: vmId });
  const href = hrefOfVm(base, vmId);
  // requested instead of current sizes, so that a client can send the value back while the guest still plugs
  const virtioMem = devices.reduce(
    (sum, { requested_mib = MiB(0) }) => sum + toBytes(toKiB(requested_mib)),
    0,
  );
  return {
    href,
    id: vmId,
    name: vmName ?? (await domainOf(call, vmId)).name,
    status: STATUS[status],
    memory: toBytes(KiB(Number(balloon.balloon_max))) + virtioMem,
    memory_policy: {
      guaranteed: balloon.guaranteed_kib && toBytes(balloon.guaranteed_kib),
      ballooning: balloon.ballooning_enabled,
    },
    display: displayOf(displayInfo),
    actions: actionLinks(href),
    link: [
      { rel: 'statistics', href: hrefOfStatistics(base, vmId) },
      { rel: 'reporteddevices', href: `${href}/reporteddevices` },
      { rel: 'jobs', href: hrefOfJobs(base, vmId) },
    ],
  };
}
