import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Hypervisor } from './hypervisor.ts';
import { createLibvirtHost } from './libvirt/host.ts';
import { createSimulatedHost } from './simulated/host.ts';

const SYSTEM = 'qemu:///system';

/**
 * Connects to what `uri` names: a libvirt URI, `simulated`, or `auto`, which is the system's libvirt if it answers
 * and the simulated host if not. Throws HypervisorError where a libvirt that was named does not answer.
 */
export async function connect(uri: string, clock: Clock, log: Logger): Promise<Hypervisor> {
  if (uri === 'simulated') return opened(createSimulatedHost({ clock }));
  if (uri !== 'auto') return opened(createLibvirtHost({ uri, clock, log }));
  try {
    return await opened(createLibvirtHost({ uri: SYSTEM, clock, log }));
  } catch (error) {
    const reason = (error as Error).message;
    log.warn(
      `${SYSTEM} does not answer (${reason}): running on a simulated host, VMs are not real`,
    );
    return opened(createSimulatedHost({ clock }));
  }
}

async function opened<T extends Hypervisor>(hypervisor: T): Promise<T> {
  await hypervisor.open();
  return hypervisor;
}
