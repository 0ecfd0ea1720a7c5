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
 * Returns the hypervisor at `uri`: a libvirt URI, `simulated`, or `auto`, which is the system's libvirt if it replies
 * now and the simulated host otherwise. It may not be connected yet. Throws HypervisorError for an invalid URI.
 */
export async function chooseHypervisor(uri: string, options: ConnectOptions): Promise<Hypervisor> {
  const { clock, log } = options;
  if (uri === 'simulated') return createSimulatedHost({ clock });
  if (uri !== 'auto') return createLibvirtHost({ ...options, uri });
  const libvirt = createLibvirtHost({ ...options, uri: SYSTEM });
  try {
    await libvirt.open();
    return libvirt;
  } catch (error) {
    log.warn({ reason: messageOf(error) }, `${SYSTEM} does not answer: using a simulated host`);
    return createSimulatedHost({ clock });
  }
}

/** Returns /proc and /sys of this machine, or simulated ones if the hypervisor's domains are not real. */
export const procfsOf = (hypervisor: Hypervisor): Procfs =>
  hypervisor.isReal ? new Procfs() : new SimulatedProcfs(hypervisor);
