import { parseDomain } from '../../domain-xml/parse.ts';
import type { Typed } from '../../common/typed.ts';
import { KiB, MiB, toBytes, toKiB } from '../../common/units.ts';
import type { VmStatus } from '../../../schema/types.ts';
import type { VerbClient, Result } from './verbClient.ts';
import { Fault } from './fault.ts';
import type { Members } from './representation.ts';
import { hrefOfJobs, hrefOfVm, type RestRequest } from './resource.ts';

type Stats = Result<'Host.getAllVmStats'>[number];

/** A VM with what is asked of it most; sizes in bytes, what is not known is absent. */
export interface VmMembers extends Members {
  readonly id: string;
  readonly name: string;
  readonly memory: number;
  readonly memory_policy: {
    readonly guaranteed: number;
    readonly max?: number;
    readonly ballooning: boolean;
  };
}

/** oVirt's word for each status. */
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

/** All VMs, without the memory that they can grow to; one that goes away meanwhile is left out. */
export async function allVms(request: RestRequest): Promise<readonly VmMembers[]> {
  const vms: VmMembers[] = [];
  for (const stats of await request.ask('Host.getAllVmStats', {})) {
    const vm = await vmOf(stats, request).catch(unlessGone);
    if (vm) vms.push(vm);
  }
  return vms;
}

const unlessGone = (error: unknown): undefined => {
  if (error instanceof Fault && error.status === 404) return undefined;
  throw error;
};

/** One VM; throws a {@link Fault} where there is none. */
export async function oneVm(vmId: string, request: RestRequest): Promise<VmMembers> {
  const [[stats], { name, maxMemory }] = await Promise.all([
    request.ask('VM.getStats', { vmID: vmId }),
    domainOf(request.ask, vmId),
  ]);
  if (!stats) throw new Fault(404, 'There are no statistics of this VM.');
  const vm = await vmOf({ ...stats, vmName: name }, request);
  const max = maxMemory ? { max: toBytes(maxMemory.size) } : {};
  return { ...vm, memory_policy: { ...vm.memory_policy, ...max } };
}

/** What only a VM's XML tells. */
async function domainOf(ask: VerbClient, vmId: string) {
  const xmls = await ask('Host.dumpxmls', { vmList: [vmId] });
  return parseDomain(xmls[vmId] ?? '');
}

async function vmOf(
  { vmId, vmName, status, balloonInfo }: Stats,
  { ask, base }: RestRequest,
): Promise<VmMembers> {
  const balloon = balloonInfo ?? (await ask('VM.getBalloonInfo', { vmID: vmId }));
  const devices = await ask('VM.getMemoryDevices', { vmID: vmId });
  const href = hrefOfVm(base, vmId);
  // what they are to give, as where memory is set, so that it can be put back while the guest takes it up
  const virtioMem = devices.reduce(
    (sum, { requested_mib = MiB(0) }) => sum + toBytes(toKiB(requested_mib)),
    0,
  );
  return {
    href,
    id: vmId,
    name: vmName ?? (await domainOf(ask, vmId)).name,
    status: STATUS[status],
    memory: toBytes(KiB(Number(balloon.balloon_max))) + virtioMem,
    memory_policy: {
      guaranteed: toBytes(KiB(Number(balloon.balloon_min))),
      ballooning: balloon.ballooning_enabled,
    },
    link: [
      { rel: 'reporteddevices', href: `${href}/reporteddevices` },
      { rel: 'jobs', href: hrefOfJobs(base, vmId) },
    ],
  };
}
