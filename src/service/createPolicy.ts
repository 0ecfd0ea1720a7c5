import type { Logger } from 'pino';
import { systemClock } from '../common/clock.ts';
import { toMilliseconds } from '../common/units.ts';
import type { Config } from '../config/config.ts';
import type { Hypervisor } from '../host/hypervisor.ts';
import { PressureReader } from '../host/pressure/pressureReader.ts';
import { PolicyLoop } from '../policy/loop/policyLoop.ts';
import type { Registry } from '../vm/registry/registry.ts';
import { procfsOf } from './connect.ts';

export interface PolicyParts {
  readonly config: Config;
  readonly log: Logger;
  readonly hypervisor: Hypervisor;
  readonly vms: Registry;
}

/** Creates the loop that shares out the host's memory. */
export function createPolicy({ config, log, hypervisor, vms }: PolicyParts): PolicyLoop {
  const { mode, algorithm, interval } = config.policy;
  const proc = procfsOf(hypervisor);
  const clock = systemClock;
  return new PolicyLoop({
    vms,
    host: new PressureReader({ hypervisor, proc, paths: config.policy, clock, log }),
    clock,
    log,
    interval: toMilliseconds(interval),
    settings: { mode, algorithm, parameters: { algorithm }, by: 'configuration' },
  });
}
