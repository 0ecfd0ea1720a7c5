import { KiB } from '../common/units.ts';
import { DomainXmlError } from './types.ts';

const POWERS = 'kmgtpe';

const bytesPer = (unit: string): bigint | undefined => {
  if (unit === '') return 1024n;
  if (/^(b|bytes?)$/i.test(unit)) return 1n;
  const [, letter = '', kind] = /^([kmgtpe])(i?b)?$/i.exec(unit) ?? [];
  const power = BigInt(POWERS.indexOf(letter.toLowerCase()) + 1);
  if (letter === '') return undefined;
  return (kind?.toLowerCase() === 'b' ? 1000n : 1024n) ** power;
};

/** Parses a size of libvirt, rounded up to whole KiB as libvirt does; `what` names it in the {@link DomainXmlError}. */
export const parseSize = (text: string, unit: string | undefined, what: string): KiB => {
  const scale = bytesPer(unit ?? '');
  if (scale === undefined) {
    throw new DomainXmlError(
      `the unit "${unit ?? ''}" of ${what} is not known; use KiB, MiB or GiB`,
    );
  }
  // libvirt skips blanks in front of a number, and refuses any behind it.
  if (!/^[ \t\n\r]*\+?\d{1,40}$/.test(text)) {
    throw new DomainXmlError(`${what} is "${text}"; give a whole number of 0 or more`);
  }
  const size = Number((BigInt(text.replace('+', '')) * scale + 1023n) / 1024n);
  if (!Number.isSafeInteger(size)) throw new DomainXmlError(`${what} is too large`);
  return KiB(size);
};

/** Parses a whole number of 0 or more; `what` names it in the {@link DomainXmlError}. */
export const parseCount = (text: string, what: string): number => {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(count)) return count;
  if (count > 0) throw new DomainXmlError(`${what} is too large`);
  throw new DomainXmlError(`${what} is "${text}"; give a whole number of 0 or more`);
};
