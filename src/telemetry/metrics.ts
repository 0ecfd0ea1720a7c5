import type { Logger } from 'pino';
import { nextTurn } from '../common/nextTurn.ts';
import { pacedText } from '../common/pacedText.ts';
import { KiB } from '../common/units.ts';
import type { Hypervisor } from '../host/hypervisor.ts';
import type { HostPressure } from '../host/pressure/hostPressure.ts';
import type { PressureReader } from '../host/pressure/pressureReader.ts';
import type { HostReport } from '../host/report/hostReport.ts';
import { keptShares } from '../policy/decide/keptShares.ts';
import { measuredTotal } from '../policy/loop/hostFigures.ts';
import type { PolicyLoop } from '../policy/loop/policyLoop.ts';
import type { Mom } from '../policy/mom/mom.ts';
import type { Registry } from '../vm/registry/registry.ts';
import type { Counters } from './counters.ts';
import { hostMetrics, type Kept } from './hostMetrics.ts';
import { type ReservationSources, reservationMetrics } from './reservationMetrics.ts';
import { policyMetrics, type PolicySources } from './policyMetrics.ts';
import { serviceMetrics } from './serviceMetrics.ts';
import { vmMetrics } from './vmMetrics.ts';

export { MEDIA_TYPE } from './exposition.ts';

export interface MetricsParts {
  readonly vms: Registry;
  readonly hypervisor: Hypervisor;
  readonly mom: Mom;
  readonly pressure: Pick<PressureReader, 'read'>;
  readonly host: Pick<HostReport, 'merging'>;
  readonly policy: PolicySources['policy'];
  readonly reservations: ReservationSources;
  readonly counters: Counters;
  readonly log: Logger;
  readonly version: string;
  /** Lines of the log that could not be written since the start. */
  readonly droppedLines: number;
  /** When the certificate shown to clients expires; undefined without TLS. */
  readonly certificateExpiry: Date | undefined;
}

/** Returns all metrics in Prometheus' text format, in UTF-8; a value that is not known has no series. */
export async function metrics(parts: MetricsParts): Promise<Buffer> {
  const { vms, mom, counters, hypervisor } = parts;
  const pressure = parts.pressure.read();
  const headroomIsKnown = vms.isReady && hypervisor.isConnected;
  // its result appears on the next page: this one does not wait for MoM
  void mom.isActive();
  const [service, host, reserved, counted] = await Promise.all([
    serviceMetrics(parts),
    hostSeries(parts, pressure),
    reservationMetrics(parts.reservations, headroomIsKnown ? pressure : undefined),
    counters.exposition(),
  ]);
  // the account of all VMs has held the event loop for milliseconds
  await nextTurn();
  const known = vms.isReady ? vms.list() : [];
  const nameOf = (id: string): string | undefined => vms.find(id)?.domain.name;
  function* pieces(): Iterable<string> {
    yield service + host + reserved;
    yield* vmMetrics(known);
    yield* policyMetrics({ ...parts, nameOf });
    yield counted;
  }
  return pacedText(pieces());
}

async function hostSeries(
  { policy, host, log }: MetricsParts,
  pressure: Promise<HostPressure>,
): Promise<string> {
  const [read, merging] = await Promise.all([
    pressure.catch((err: unknown) => {
      log.debug({ err }, "the host's memory could not be read for the metrics");
      return undefined;
    }),
    host.merging(),
  ]);
  return hostMetrics({ pressure: read, kept: keptBy(policy, read), merging });
}

function keptBy(policy: Pick<PolicyLoop, 'settings'>, pressure: HostPressure | undefined): Kept {
  const { mode, algorithm, parameters } = policy.settings;
  if (mode === 'off' || !pressure) return {};
  const { goal, reserve } = keptShares(parameters);
  const total = measuredTotal(pressure, algorithm);
  const part = (share: number): KiB => KiB(Math.round(share * total));
  return { goal: part(goal), ...(reserve !== undefined && { reserve: part(reserve) }) };
}
