import type { Clock } from '../../common/clock.ts';
import type { KiB } from '../../common/units.ts';
import type { HostPressure } from '../../host/pressure/hostPressure.ts';
import type { Vm } from '../../vm/vm.ts';
import type { Exemption, GuestFigures, HostFigures } from '../decide/round/round.ts';
import { guestFigures } from './guestFigures.ts';
import { hostFigures } from './hostFigures.ts';
import type { Algorithm } from './settings.ts';

export interface FiguresParts {
  readonly clock: Clock;
  readonly vms: { list(): readonly Vm[] };
  readonly host: { read(): Promise<HostPressure> };
  /** Returns what is reserved of the host's memory and not yet used. */
  readonly held: () => KiB;
  readonly exemptionOf: (vm: Vm) => Exemption | undefined;
}

/** What a round decides on. */
export interface Figures {
  readonly host: HostFigures;
  readonly guests: readonly GuestFigures[];
}

/** Reads the host's memory, then takes the newest figures of all VMs that run. Throws HypervisorError. */
export async function readFigures(
  { host, clock, vms, held, exemptionOf }: FiguresParts,
  algorithm: Algorithm,
): Promise<Figures> {
  const pressure = await host.read();
  const context = { algorithm, time: clock.wallTime(), held: held() };
  const running = vms.list().filter(({ isAlive }) => isAlive);
  return {
    host: hostFigures(pressure, context),
    guests: running.map((vm) => guestFigures(vm, exemptionOf(vm))),
  };
}
