import { KiB } from '../../common/units.ts';
import { formatSize } from './formatSize.ts';

/** A size that cannot be read; the message is a sentence that says what to write instead. */
export class SizeError extends Error {
  override readonly name = 'SizeError';
}

const KIB = 1024;
const POWERS = 'kmgtpe';
const SIZE = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i;
const UNIT = /^([kmgtpe])(i?b)?$/;
/** 8 EiB, libvirt's largest size in bytes. */
const LARGEST = KiB(2 ** 53);

/**
 * Returns a size as virsh reads it, in KiB, rounded up: `1G`, `1g` and `1GiB` are 1024 MiB, `1GB` is 1000 MB, `1.5G` is
 * 1536 MiB. Throws {@link SizeError} for other text, and for a number without a unit.
 */
export function parseSize(text: string): KiB {
  const [, digits = '', suffix = ''] = SIZE.exec(text.trim()) ?? [];
  if (digits === '') throw new SizeError(`"${text}" is no size; write one as 4G, 512M or 1.5GiB.`);
  if (suffix === '') throw new SizeError(readings(digits));
  const unit = bytesOf(suffix.toLowerCase());
  if (unit === undefined) {
    throw new SizeError(
      `"${text}" has no unit that is known; write K, M, G or T for powers of 1024, KB, MB, GB or TB for powers of 1000.`,
    );
  }
  const size = KiB(Math.ceil((Number(digits) * unit) / KIB));
  if (size > LARGEST) throw new SizeError(`${text} is more than any machine has; write less.`);
  return size;
}

function bytesOf(suffix: string): number | undefined {
  if (/^b(ytes?)?$/.test(suffix)) return 1;
  const [, letter, rest] = UNIT.exec(suffix) ?? [];
  if (letter === undefined) return undefined;
  return (rest === 'b' ? 1000 : KIB) ** (POWERS.indexOf(letter) + 1);
}

/** Numbers up to this are meant in GiB, larger ones in MiB, and those above {@link MIB_AT_MOST} in KiB. */
const GIB_AT_MOST = 64;
const MIB_AT_MOST = 2 ** 20;

function readings(digits: string): string {
  const n = Number(digits);
  if (n === 0) return `"${digits}" has no unit; write one, as 0M.`;
  const [kib, mib] = [KiB(n), KiB(n * KIB)].map(formatSize);
  const meant =
    n <= GIB_AT_MOST ? 'G'
    : n < MIB_AT_MOST ? 'M'
    : 'K';
  return `"${digits}" has no unit: virsh takes it as ${String(kib)}, VDSM as ${String(mib)}; write the one that you mean, as ${digits}${meant}.`;
}
