import type { Logger } from 'pino';
import { Milliseconds } from '../common/units.ts';
import type { HostMemory, Hypervisor } from '../host/hypervisor.ts';
import type { Mom } from '../policy/mom/mom.ts';
import type { Registry } from '../vm/registry/registry.ts';
import type { Counters } from './counters.ts';
import { serviceMetrics } from './serviceMetrics.ts';
import { vmMetrics } from './vmMetrics.ts';

export { MEDIA_TYPE } from './exposition.ts';

/** Timeout for reading the host's memory; much shorter than a collector's timeout for the page. */
const HOST_MEMORY_TIMEOUT = Milliseconds(2000);

export interface MetricsParts {
  readonly vms: Registry;
  readonly hypervisor: Hypervisor;
  readonly mom: Mom;
  readonly counters: Counters;
  readonly log: Logger;
  readonly version: string;
  /** Lines of the log that could not be written since the start. */
  readonly droppedLines: number;
  /** When the certificate shown to clients expires; undefined without TLS. */
  readonly certificateExpiry: Date | undefined;
}

/** Returns all metrics in Prometheus' text format; a value that is not known has no series. */
export async function metrics(parts: MetricsParts): Promise<string> {
  const { vms, mom, counters } = parts;
  // its result appears on the next page: this one does not wait for MoM
  void mom.isActive();
  const service = await serviceMetrics({ ...parts, hostMemory: await hostMemory(parts) });
  const known = vms.isReady ? vms.list() : [];
  return service + vmMetrics(known) + (await counters.exposition());
}

async function hostMemory({ hypervisor, log }: MetricsParts): Promise<HostMemory | undefined> {
  try {
    return await hypervisor.hostMemory({ timeout: HOST_MEMORY_TIMEOUT });
  } catch (err) {
    log.debug({ err }, "the host's memory could not be read for the metrics");
    return undefined;
  }
}
