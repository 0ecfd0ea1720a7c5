import type { Logger } from 'pino';
import { systemClock } from '../common/clock.ts';
import { KiB } from '../common/units.ts';
import type { Config } from '../config/config.ts';
import type { Hypervisor } from '../host/hypervisor.ts';
import type { PressureReader } from '../host/pressure/pressureReader.ts';
import { admission } from '../policy/reservations/admission.ts';
import { BookFile } from '../policy/reservations/bookFile.ts';
import { Reservations } from '../policy/reservations/reservations.ts';
import type { Registry } from '../vm/registry/registry.ts';

export interface ReservationsParts {
  readonly config: Config;
  readonly log: Logger;
  readonly hypervisor: Hypervisor;
  readonly pressure: PressureReader;
  readonly vms: Registry;
  readonly isLoopActing: () => boolean;
}

/**
 * Creates what reserves memory of the host, and admits new VMs by it if that is configured. Nothing is kept of a
 * simulated host, whose VMs end with it.
 */
export function createReservations(parts: ReservationsParts): Reservations {
  const { config, log, hypervisor, pressure, vms, isLoopActing } = parts;
  const { reservations_path: path, host_reserve_percent: percent } = config.memory;
  const reservations = new Reservations({
    vms,
    host: pressure,
    clock: systemClock,
    log,
    file: new BookFile({
      path: hypervisor.isReal ? path : '',
      hypervisor: hypervisor.description,
      log,
    }),
    isReadOnly: hypervisor.isReadOnly,
    reserveOf: (capacity) => KiB(Math.floor((capacity * percent) / 100)),
    isLoopActing,
  });
  if (config.memory.admission === 'guaranteed') {
    vms.admitBy(admission(reservations, config.memory.admission_deadline));
  }
  return reservations;
}
