import { toKiB, type KiB, type MiB } from '../../common/units.ts';
import { DomainXmlError } from '../types.ts';

/** A size in MiB as KiB; throws {@link DomainXmlError} unless it is whole, 0 or more, and can be counted in KiB. */
export const size = (amount: MiB, what: string): KiB => {
  const converted = toKiB(amount);
  if (Number.isSafeInteger(amount) && Number.isSafeInteger(converted) && amount >= 0) {
    return converted;
  }
  throw new DomainXmlError(`${what} is ${String(amount)}; give whole MiB, 0 or more`);
};
