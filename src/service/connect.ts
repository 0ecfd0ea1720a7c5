import type { Logger } from 'pino';
import type { Clock } from '../common/clock.ts';
import type { Hypervisor } from '../host/hypervisor.ts';
import { createLibvirtHost, type LibvirtHostOptions } from '../host/libvirt/host.ts';
import { createSimulatedHost } from '../host/simulated/host.ts';

const SYSTEM = 'qemu:///system';

export interface ConnectParts extends Pick<LibvirtHostOptions, 'onCall'> {
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Connects to what `uri` names: a libvirt URI, `simulated`, or `auto`, which is the system's libvirt if it answers
 * and the simulated host if not. Throws HypervisorError where a libvirt that was named does not answer.
 */
export async function connect(uri: string, parts: ConnectParts): Promise<Hypervisor> {
  const { clock, log } = parts;
  if (uri === 'simulated') return opened(createSimulatedHost({ clock }));
  if (uri !== 'auto') return opened(createLibvirtHost({ ...parts, uri }));
  try {
    return await opened(createLibvirtHost({ ...parts, uri: SYSTEM }));
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
