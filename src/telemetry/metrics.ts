import type { Hypervisor } from '../host/hypervisor.ts';
import type { Mom } from '../policy/mom.ts';
import { Milliseconds } from '../common/units.ts';
import type { Registry } from '../vm/registry/registry.ts';
import type { Counters } from './counters.ts';
import { serviceMetrics } from './serviceMetrics.ts';
import { vmMetrics } from './vmMetrics.ts';

export { MEDIA_TYPE } from './exposition.ts';

/** How long the hypervisor may take to tell the host's memory: much less than a collector waits for the page. */
const PATIENCE = Milliseconds(2000);

export interface MetricsParts {
  readonly vms: Registry;
  readonly hypervisor: Hypervisor;
  readonly mom: Mom;
  readonly counters: Counters;
  readonly version: string;
  /** When the certificate that is shown to clients ends; undefined without TLS. */
  readonly certificateExpiry: Date | undefined;
}

/** All metrics in Prometheus' text format, as they are now; what is not known has no series. */
export async function metrics(parts: MetricsParts): Promise<string> {
  const { vms, hypervisor, mom, counters, version, certificateExpiry } = parts;
  // for the next page, since this one does not wait for MoM
  void mom.isActive();
  // a page without the host's memory is better than none
  const hostMemory = await hypervisor.hostMemory({ timeout: PATIENCE }).catch(() => undefined);
  const service = await serviceMetrics({
    version,
    isConnected: hypervisor.isConnected,
    hostMemory,
    certificateExpiry,
    isMomActive: mom.wasActive,
    policyParameters: mom.parameters,
  });
  const known = vms.isReady ? vms.list() : [];
  return service + vmMetrics(known, vms.staleAfter) + (await counters.exposition());
}
