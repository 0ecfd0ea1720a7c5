import type { Logger } from 'pino';
import type { Clock } from '../common/clock.ts';
import { messageOf } from '../common/messageOf.ts';
import type { Hypervisor } from '../host/hypervisor.ts';
import { createLibvirtHost, libvirtCalls } from '../host/libvirt/libvirtHost.ts';
import { Procfs } from '../host/report/procfs.ts';
import { readOnly } from '../host/readOnly.ts';
import { createSimulatedHost } from '../host/simulated/simulatedHost.ts';
import { SimulatedProcfs } from '../host/simulated/simulatedProcfs.ts';
import type { Counters } from '../telemetry/counters.ts';

const SYSTEM = 'qemu:///system';

export interface ConnectOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: Pick<Counters, 'libvirtCall' | 'expectProcedures'>;
}

/** The section [libvirt] of the configuration, as far as it chooses a hypervisor. */
export interface Choice {
  readonly uri: string;
  readonly read_only: boolean;
}

export type ChooseHypervisor = (choice: Choice, options: ConnectOptions) => Promise<Hypervisor>;

/**
 * Returns the hypervisor at `uri`: a libvirt URI, `simulated`, or `auto`, which is the system's libvirt if it replies
 * now and the simulated host otherwise; one that refuses all changes if `read_only`. It may not be connected yet.
 * Throws HypervisorError for an invalid URI.
 */
export async function chooseHypervisor(
  choice: Choice,
  options: ConnectOptions,
): Promise<Hypervisor> {
  const hypervisor = await hypervisorAt(choice, options);
  return choice.read_only ? readOnly(hypervisor) : hypervisor;
}

async function hypervisorAt(choice: Choice, options: ConnectOptions): Promise<Hypervisor> {
  const { uri, read_only: isReadOnly } = choice;
  const { clock, log, counters } = options;
  const libvirtAt = (where: string): Hypervisor => {
    counters.expectProcedures(libvirtCalls);
    const onCall = counters.libvirtCall;
    return createLibvirtHost({ clock, log, onCall, uri: where, readOnly: isReadOnly });
  };
  if (uri === 'simulated') return createSimulatedHost({ clock });
  if (uri !== 'auto') return libvirtAt(uri);
  const libvirt = libvirtAt(SYSTEM);
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
