import type { VmStatus } from '../../../schema/types.ts';
import type { Typed } from '../../common/typed.ts';
import { KiB, MiB, toBytes, toKiB } from '../../common/units.ts';
import { parseDomain } from '../../domain-xml/parse.ts';
import { Fault } from './fault.ts';
import type { Members } from './representation.ts';
import { hrefOfJobs, hrefOfVm, type RestRequest } from './resource.ts';
import type { Result, VerbClient } from './verbClient.ts';

type Stats = Result<'Host.getAllVmStats'>[number];

/** A VM; sizes in bytes, unknown members are absent. */
export interface VmMembers extends Members {
  readonly id: string;
  readonly name: string;
  readonly memory: number;
  readonly memory_policy: {
    /** Absent if nobody has set a guarantee. */
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

/** Returns all VMs without their memory_policy.max; leaves out a VM that disappears meanwhile. */
export async function allVms(request: RestRequest): Promise<readonly VmMembers[]> {
  const vms: VmMembers[] = [];
  for (const stats of await request.call('Host.getAllVmStats', {})) {
    const vm = await vmOf(stats, request).catch(unlessGone);
    if (vm) vms.push(vm);
  }
  return vms;
}

const unlessGone = (error: unknown): undefined => {
  if (error instanceof Fault && error.status === 404) return undefined;
  throw error;
};

/** Returns a VM; throws a {@link Fault} if there is none. */
export async function oneVm(vmId: string, request: RestRequest): Promise<VmMembers> {
  const [[stats], { name, maxMemory }] = await Promise.all([
    request.call('VM.getStats', { vmID: vmId }),
    domainOf(request.call, vmId),
  ]);
  if (!stats) throw new Fault(404, 'There are no statistics of this VM.');
  const vm = await vmOf({ ...stats, vmName: name }, request);
  const max = maxMemory ? { max: toBytes(maxMemory.size) } : {};
  return { ...vm, memory_policy: { ...vm.memory_policy, ...max } };
}

/** Returns the VM's domain, for values that only its XML has. */
async function domainOf(call: VerbClient, vmId: string) {
  const xmls = await call('Host.dumpxmls', { vmList: [vmId] });
  return parseDomain(xmls[vmId] ?? '');
}

async function vmOf(
  { vmId, vmName, status }: Stats,
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
    link: [
      { rel: 'reporteddevices', href: `${href}/reporteddevices` },
      { rel: 'jobs', href: hrefOfJobs(base, vmId) },
    ],
  };
}
