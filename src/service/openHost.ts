import type { Logger } from 'pino';
import { systemClock } from '../common/clock.ts';
import type { Config } from '../config/config.ts';
import type { Hypervisor } from '../host/hypervisor.ts';
import { PressureReader } from '../host/pressure/pressureReader.ts';
import { HostReport } from '../host/report/hostReport.ts';
import type { Counters } from '../telemetry/counters.ts';
import { type ChooseHypervisor, chooseHypervisor, procfsOf } from './connect.ts';

/** The hypervisor, and what reads the host that its VMs run on. */
export interface OpenedHost {
  readonly hypervisor: Hypervisor;
  readonly host: HostReport;
  readonly pressure: PressureReader;
}

interface Tools {
  readonly counters: Counters;
  readonly choose?: ChooseHypervisor | undefined;
}

/** Chooses the hypervisor, with a warning if its VMs are not real. Throws HypervisorError for an invalid URI. */
export async function openHost(
  { libvirt, policy: paths }: Config,
  log: Logger,
  { counters, choose = chooseHypervisor }: Tools,
): Promise<OpenedHost> {
  const clock = systemClock;
  const hypervisor = await choose(libvirt, { clock, log, counters });
  const { isReal, description } = hypervisor;
  if (!isReal) log.warn(`${description} has no real VMs: use it for trials only`);
  const proc = procfsOf(hypervisor);
  return {
    hypervisor,
    host: new HostReport(hypervisor, proc),
    pressure: new PressureReader({ hypervisor, proc, paths, clock, log }),
  };
}
