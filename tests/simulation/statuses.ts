import type { World } from '../support/world.ts';
import { type Acting, drive, recover } from './stage.ts';

interface ListedVm {
  readonly vmId: string;
  readonly status: string;
}

/** The VMs as clients see them, and the domains of the host. */
export async function statuses(world: World) {
  const vms = (await world.call('Host.getVMList')) as readonly ListedVm[];
  const domains = await world.host.listDomains();
  return {
    vms: Object.fromEntries(vms.map(({ vmId, status }) => [vmId, status])),
    domains: Object.fromEntries(domains.map(({ uuid, state }) => [uuid, state])),
  };
}

export type Statuses = Awaited<ReturnType<typeof statuses>>;

/** What a status can stand for; a VM that could not be started is Down until it is destroyed, as with VDSM. */
const STATES: Readonly<Record<string, readonly (string | undefined)[]>> = {
  Up: ['running'],
  Paused: ['paused'],
  Down: ['shut-off', 'crashed', undefined],
};

/** Returns the VMs whose status is not that of the domain, and the domains that are no VM. */
export const untrue = ({ vms, domains }: Statuses): string[] =>
  [...new Set([...Object.keys(vms), ...Object.keys(domains)])]
    .filter((id) => !(STATES[vms[id] ?? ''] ?? []).includes(domains[id]))
    .map((id) => `${id} is ${String(vms[id])} to clients, and ${String(domains[id])} to the host`);

/** Returns what is wrong if the VM is destroyed, if it is there, and is created again. */
export async function notCreatedAgain(
  acting: Acting,
  vmID: string,
  vmParams: object,
): Promise<string[]> {
  const { world } = acting;
  const call = (method: string, params: object) => drive(world, world.call(method, params));
  try {
    if ((await statuses(world)).vms[vmID] !== undefined) await call('VM.destroy', { vmID });
    const left = await statuses(world);
    if (left.vms[vmID] !== undefined || left.domains[vmID] !== undefined) {
      return ['something is left after VM.destroy'];
    }
    await call('VM.create', { vmID, vmParams });
    await recover(acting);
  } catch (error) {
    return [`it cannot be created again: ${String(error)}`];
  }
  const { domains } = await statuses(world);
  return domains[vmID] === 'running' ? [] : ['it does not run when it is created again'];
}
