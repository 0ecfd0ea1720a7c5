import type { Logger } from 'pino';
import type { Clock } from '../../src/common/clock.ts';
import { KiB, MiB, Milliseconds, Seconds } from '../../src/common/units.ts';
import type { Hypervisor } from '../../src/host/hypervisor.ts';
import { PressureReader } from '../../src/host/pressure/pressureReader.ts';
import type { Procfs } from '../../src/host/report/procfs.ts';
import { AuditTrail } from '../../src/overview/auditTrail.ts';
import { MemoryHistory } from '../../src/overview/history/memoryHistory.ts';
import { Overview, type OverviewOptions } from '../../src/overview/overview.ts';
import { PolicyLoop, type PolicyLoopParts } from '../../src/policy/loop/policyLoop.ts';
import { settingsOf } from '../../src/policy/loop/settings.ts';
import { admission } from '../../src/policy/reservations/admission.ts';
import {
  Reservations,
  type ReservationsParts,
} from '../../src/policy/reservations/reservations.ts';
import { Registry, type RegistryOptions } from '../../src/vm/registry/registry.ts';
import { settings, type WorldOptions } from './worldOptions.ts';

/** A registry that has not been started. */
export function newRegistry(
  { timeoutS = 60, maxVms = 100, build, period, hotplugTimeouts, balloonPolicy }: WorldOptions,
  parts: Pick<RegistryOptions, 'hypervisor' | 'clock' | 'log' | 'emit'>,
): Registry {
  const building = { ...settings, ...build };
  return new Registry({
    ...parts,
    timeout: Milliseconds(timeoutS * 1000),
    maxVms,
    samplingInterval: Seconds(5),
    historySize: 60,
    hotplugTimeouts: {
      unplugTimeout: Milliseconds(60_000),
      unplugAttempts: 1,
      onlineTimeout: Milliseconds(30_000),
      ...hotplugTimeouts,
    },
    // One key of the configuration says both.
    period: { period: building.statsPeriod, own: 'when-absent', ...period },
    balloonPolicy: { floor: MiB(128), floorPercent: 10, external: false, ...balloonPolicy },
    build: () => Promise.resolve(building),
  });
}

/** Reads how much memory a host has left, from these files. */
export function pressureOf(
  hypervisor: Hypervisor,
  proc: Procfs,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  group: 'none' | '' = '',
): PressureReader {
  const paths = { meminfo_path: '', pressure_path: '', cgroup_path: group };
  return new PressureReader({ hypervisor, proc, paths, clock, log });
}

/** What reserves memory of the simulated host; 5 % of it are the host's own. */
export function newReservations({
  isAdmitting,
  vms,
  ...parts
}: Omit<ReservationsParts, 'reserveOf' | 'vms'> & {
  readonly vms: Registry;
  readonly isAdmitting: boolean;
}): Reservations {
  const reserveOf = (capacity: KiB): KiB => KiB(Math.floor(capacity * 0.05));
  const reservations = new Reservations({ ...parts, vms, reserveOf });
  if (isAdmitting) vms.admitBy(admission(reservations, Seconds(60)));
  return reservations;
}

/** The loop of the policy as it is by default: off. */
export function newPolicy(
  parts: Omit<PolicyLoopParts, 'interval' | 'pinTime' | 'configured' | 'settings'> &
    Partial<PolicyLoopParts>,
): PolicyLoop {
  const configured = { mode: 'off', parameters: { algorithm: 'adaptive' } } as const;
  return new PolicyLoop({
    interval: Milliseconds(5000),
    pinTime: Milliseconds(600_000),
    configured,
    settings: settingsOf(configured),
    ...parts,
  });
}

/** What shows a vmemd at a glance, whose connection has no problem. */
export function newOverview(parts: Omit<OverviewOptions, 'link'>) {
  const link = { problem: undefined, problemSince: undefined };
  const overview = new Overview({ ...parts, link });
  const step = { host: Seconds(5), vms: Seconds(10) };
  const look = () => overview.look();
  return {
    overview,
    history: new MemoryHistory({ look, clock: parts.clock, step }),
    trail: new AuditTrail(),
  };
}
