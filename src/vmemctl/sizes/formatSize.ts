import { formatSize } from '../../common/formatSize.ts';
import type { KiB } from '../../common/units.ts';

export { formatSize };

const STEP = 1024;
const UNITS = 'KMGTPE';

/** Returns a size without losing any of it, as arguments take it: `1280M`, `786433K`. */
export function exactSize(size: KiB): string {
  let index = 0;
  let amount: number = size;
  while (amount > 0 && amount % STEP === 0 && index < UNITS.length - 1) {
    amount /= STEP;
    index += 1;
  }
  return `${String(amount)}${UNITS.charAt(index)}`;
}

/** Returns a difference with its sign: `+256 MiB`, `-1 GiB`. */
export const formatChange = (from: KiB, to: KiB): string =>
  `${to < from ? '-' : '+'}${formatSize(Math.abs(to - from) as KiB)}`;
