import type { Logger } from 'pino';
import type { Clock } from '../common/clock.ts';
import { messageOf } from '../common/messageOf.ts';
import type { Hypervisor } from '../host/hypervisor.ts';
import { createLibvirtHost, type LibvirtHostOptions } from '../host/libvirt/libvirtHost.ts';
import { Procfs } from '../host/report/procfs.ts';
import { createSimulatedHost } from '../host/simulated/simulatedHost.ts';
import { SimulatedProcfs } from '../host/simulated/simulatedProcfs.ts';

const SYSTEM = 'qemu:///system';

export interface ConnectOptions extends Pick<LibvirtHostOptions, 'onCall'> {
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Connects to the hypervisor at `uri`: a libvirt URI, `simulated`, or `auto`, which is the system's libvirt if it
 * replies and the simulated host otherwise. Throws HypervisorError if a libvirt given by its URI does not reply.
 */
export async function connect(uri: string, options: ConnectOptions): Promise<Hypervisor> {
  const { clock, log } = options;
  if (uri === 'simulated') return opened(createSimulatedHost({ clock }));
  if (uri !== 'auto') return opened(createLibvirtHost({ ...options, uri }));
  try {
    return await opened(createLibvirtHost({ ...options, uri: SYSTEM }));
  } catch (error) {
    const reason = messageOf(error);
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

/** Returns /proc and /sys of this machine, or simulated ones if the hypervisor's domains are not real. */
export const procfsOf = (hypervisor: Hypervisor): Procfs =>
  hypervisor.isReal ? new Procfs() : new SimulatedProcfs(hypervisor);
