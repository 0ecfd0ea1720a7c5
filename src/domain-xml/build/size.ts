import { toKiB, type KiB, type MiB } from '../../common/units.ts';
import { DomainXmlError } from '../types.ts';

/**
 * Converts MiB to KiB; throws {@link DomainXmlError} unless the size is a whole number, not negative and not too large.
 */
export const size = (amount: MiB, what: string): KiB => {
  const converted = toKiB(amount);
  if (Number.isSafeInteger(amount) && Number.isSafeInteger(converted) && amount >= 0) {
    return converted;
  }
  throw new DomainXmlError(`${what} is ${String(amount)}; give whole MiB, 0 or more`);
};
