import type { KiB } from './units.ts';

const STEP = 1024;
const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;
const DIGITS = 3;

/** Returns a size for people, with three significant digits: `768 MiB`, `1.25 GiB`, `12.5 GiB`, `0 MiB`. */
export function formatSize(size: KiB): string {
  if (size === 0) return '0 MiB';
  let index = 0;
  let amount: number = size;
  while (rounded(amount) >= STEP && index < UNITS.length - 1) {
    amount /= STEP;
    index += 1;
  }
  return `${String(rounded(amount))} ${UNITS[index] ?? ''}`;
}

const rounded = (amount: number): number =>
  amount >= 10 ** (DIGITS - 1) ? Math.round(amount) : Number(amount.toPrecision(DIGITS));
