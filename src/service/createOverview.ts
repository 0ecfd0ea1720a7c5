import type { Logger } from 'pino';
import { systemClock } from '../common/clock.ts';
import { Seconds } from '../common/units.ts';
import type { Config } from '../config/config.ts';
import type { Hypervisor } from '../host/hypervisor.ts';
import { PressureReader } from '../host/pressure/pressureReader.ts';
import { MemoryHistory } from '../overview/history/memoryHistory.ts';
import { Overview } from '../overview/overview.ts';
import type { PolicyLoop } from '../policy/loop/policyLoop.ts';
import type { Mom } from '../policy/mom/mom.ts';
import type { Registry } from '../vm/registry/registry.ts';
import { procfsOf } from './connect.ts';
import type { Link } from './link.ts';

/** Steps of the history, in seconds: those of a VM are longer, since there are many. */
const [HOST_STEP, VM_STEP] = [5, 10];

export interface OverviewParts {
  readonly config: Config;
  readonly log: Logger;
  readonly hypervisor: Hypervisor;
  readonly vms: Registry;
  readonly link: Link;
  readonly mom: Mom;
  readonly policy: PolicyLoop;
}

/** Creates what shows the host and its VMs at a glance, now and in the last hour. */
export function createOverview({ config, log, hypervisor, vms, link, mom, policy }: OverviewParts) {
  const clock = systemClock;
  const pressure = new PressureReader({
    hypervisor,
    proc: procfsOf(hypervisor),
    paths: config.policy,
    clock,
    log,
  });
  const overview = new Overview({ vms, hypervisor, pressure, clock, link, mom, policy });
  const interval = config.sampling.interval;
  const history = new MemoryHistory({
    look: () => overview.look(),
    clock,
    step: { host: stepFor(HOST_STEP, interval), vms: stepFor(VM_STEP, interval) },
  });
  return { overview, history };
}

/** Values that are read less often are not kept more often. */
const stepFor = (step: number, interval: Seconds): Seconds => Seconds(Math.max(step, interval));
