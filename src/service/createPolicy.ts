import type { Logger } from 'pino';
import { systemClock } from '../common/clock.ts';
import { toMilliseconds } from '../common/units.ts';
import type { Config } from '../config/config.ts';
import type { PressureReader } from '../host/pressure/pressureReader.ts';
import { PolicyLoop } from '../policy/loop/policyLoop.ts';
import type { Reservations } from '../policy/reservations/reservations.ts';
import type { Registry } from '../vm/registry/registry.ts';

export interface PolicyParts {
  readonly config: Config;
  readonly log: Logger;
  readonly pressure: PressureReader;
  readonly vms: Registry;
  readonly reservations: Pick<Reservations, 'held'>;
}

/** Creates the loop that shares out the host's memory. */
export function createPolicy({
  config,
  log,
  pressure,
  vms,
  reservations,
}: PolicyParts): PolicyLoop {
  const { mode, algorithm, interval } = config.policy;
  return new PolicyLoop({
    vms,
    host: pressure,
    held: () => reservations.held,
    clock: systemClock,
    log,
    interval: toMilliseconds(interval),
    settings: { mode, algorithm, parameters: { algorithm }, by: 'configuration' },
  });
}
