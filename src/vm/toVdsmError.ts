import { type ErrorData, type ErrorName, VdsmError } from '../common/errors.ts';
import { HypervisorError } from '../host/hypervisor.ts';

/** Returns a catch handler that throws the VdsmError of this name, with the hypervisor's message as its reason. */
export const toVdsmError =
  (name: ErrorName, data: ErrorData = {}) =>
  (cause: unknown): never => {
    if (!(cause instanceof HypervisorError)) throw cause;
    if (cause.kind === 'no-domain') throw new VdsmError('NoSuchVM', cause.message, { cause });
    throw new VdsmError(name, cause.message, { cause, data });
  };
