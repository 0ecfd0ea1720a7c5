import { VdsmError } from '../../common/errors.ts';
import type { Seconds } from '../../common/units.ts';
import type { Admit } from '../../vm/registry/admission.ts';
import { exemptionOf } from '../loop/guestFigures.ts';
import type { Reservations } from './reservations.ts';
import { promisedTo } from './vmAccount.ts';

/** Returns what reserves the guaranteed memory of a new VM; it throws OutOfMemory if that cannot be had. */
export const admission =
  (reservations: Reservations, deadline: Seconds): Admit =>
  async (vm, create) => {
    const promised = promisedTo(vm, exemptionOf(vm));
    const wish = { vm: vm.id, for: vm.domain.name, deadline };
    try {
      await reservations.reserveFor(wish, promised, create);
    } catch (error) {
      if (!(error instanceof VdsmError) || !isShortage(error)) throw error;
      const reason = error.message.replace(/^[^:]*: /, '');
      throw new VdsmError('OutOfMemory', reason, { cause: error, data: error.data });
    }
  };

const isShortage = ({ data }: VdsmError): boolean => data.missing_kib !== undefined;
