import type { Logger } from 'pino';
import { systemClock } from '../common/clock.ts';
import { toMilliseconds } from '../common/units.ts';
import type { Config } from '../config/config.ts';
import type { Hypervisor } from '../host/hypervisor.ts';
import type { PressureReader } from '../host/pressure/pressureReader.ts';
import { sampledLog } from '../jsonrpc/sampledLog.ts';
import { configuredParameters } from '../policy/decide/lines/settings.ts';
import { PolicyLoop } from '../policy/loop/policyLoop.ts';
import { settingsOf } from '../policy/loop/settings.ts';
import { SettingsFile } from '../policy/loop/settingsFile.ts';
import type { Mom } from '../policy/mom/mom.ts';
import type { Reservations } from '../policy/reservations/reservations.ts';
import type { Registry } from '../vm/registry/registry.ts';

export interface PolicyParts {
  readonly config: Config;
  readonly log: Logger;
  readonly hypervisor: Hypervisor;
  readonly pressure: PressureReader;
  readonly vms: Registry;
  readonly mom: Mom;
  readonly reservations: Pick<Reservations, 'held' | 'isAsked'>;
}

/**
 * Creates the loop that shares out the host's memory, with what clients have set of it before a restart. Throws
 * LineError for invalid parameters in the configuration.
 */
export async function createPolicy(parts: PolicyParts): Promise<PolicyLoop> {
  const { config, log, hypervisor, pressure, vms, mom, reservations } = parts;
  const { mode, algorithm, parameters, interval, pin_time } = config.policy;
  const configured = { mode, parameters: configuredParameters(algorithm, parameters) };
  const path = statePath(config.policy.state_path, hypervisor);
  const file = path === undefined ? undefined : new SettingsFile(path, configured, log);
  return new PolicyLoop({
    vms,
    hypervisor,
    host: pressure,
    mom,
    held: () => reservations.held,
    isReserving: (id) => reservations.isAsked(id),
    clock: systemClock,
    log: sampledLog(log, systemClock),
    interval: toMilliseconds(interval),
    pinTime: toMilliseconds(pin_time),
    configured,
    settings: (await file?.read()) ?? settingsOf(configured),
    ...(file && { keep: (settings) => file.write(settings) }),
  });
}

/** The file is that of the vmemd that owns this libvirt; the simulated host ends with the process. */
function statePath(path: string, { isReal, isReadOnly }: Hypervisor): string | undefined {
  if (isReadOnly || path === 'none') return undefined;
  if (path !== 'auto') return path;
  return isReal ? '/var/lib/vmemd/policy.json' : undefined;
}
