import { systemClock } from '../common/clock.ts';
import { Seconds } from '../common/units.ts';
import type { Config } from '../config/config.ts';
import { MemoryHistory } from '../overview/history/memoryHistory.ts';
import { PrometheusHistory } from '../overview/history/prometheus.ts';
import { Overview, type OverviewOptions } from '../overview/overview.ts';

/** Steps of the history, in seconds: those of a VM are longer, since there are many. */
const [HOST_STEP, VM_STEP] = [5, 10];

export interface OverviewParts extends Omit<OverviewOptions, 'clock'> {
  readonly config: Config;
}

/** Creates what shows the host and its VMs at a glance, now and in the last hour. */
export function createOverview({ config, ...parts }: OverviewParts) {
  const clock = systemClock;
  const overview = new Overview({ ...parts, clock });
  const interval = config.sampling.interval;
  const { prometheus_url: url, prometheus_selector: selector } = config.dashboard;
  const history = new MemoryHistory({
    prometheus: url === '' ? undefined : new PrometheusHistory({ url, selector }),
    look: () => overview.look(),
    clock,
    step: { host: stepFor(HOST_STEP, interval), vms: stepFor(VM_STEP, interval) },
  });
  return { overview, history };
}

/** Values that are read less often are not kept more often. */
const stepFor = (step: number, interval: Seconds): Seconds => Seconds(Math.max(step, interval));
