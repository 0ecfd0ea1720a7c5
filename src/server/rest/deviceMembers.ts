import type { Members } from './members.ts';
import { hrefOfJob, hrefOfVm, inBytes, type RestRequest } from './resource.ts';
import type { Result } from './verbClient.ts';

type Device = Result<'VM.getMemoryDevices'>[number];

/** Returns a VM's memory devices, the only devices that vmemd manages; throws a {@link Fault} if there is no such VM. */
export async function reportedDevices(
  vmId: string,
  { call, base }: RestRequest,
): Promise<readonly Members[]> {
  const devices = await call('VM.getMemoryDevices', { vmID: vmId });
  return devices.map((device) => described(device, vmId, base));
}

function described(device: Device, vmId: string, base: string): Members {
  const { alias, model, size_mib, node, slot, base: address, state, job_id, message } = device;
  return {
    id: alias,
    name: alias,
    type: 'memory',
    model,
    size: inBytes(size_mib),
    node,
    slot,
    base: address,
    block: inBytes(device.block_mib),
    requested: inBytes(device.requested_mib),
    current: inBytes(device.current_mib),
    state,
    message,
    job: job_id === undefined ? undefined : { href: hrefOfJob(base, vmId, job_id), id: job_id },
    vm: { href: hrefOfVm(base, vmId), id: vmId },
  };
}
