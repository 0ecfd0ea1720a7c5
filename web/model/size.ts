import type { KiB } from '../../src/common/units.ts';

const KIB_PER_GIB = 1024 ** 2;

const withDigits = [2, 1, 0].map(
  (digits) =>
    new Intl.NumberFormat('en-US', {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }),
);
const whole = new Intl.NumberFormat('en-US');

/** Returns a size in GiB with three significant digits at most: `0.75 GiB`, `12.5 GiB`, `384 GiB`. */
export const inGib = (size: KiB): string => `${gibNumber(size)} GiB`;

/** Returns the number of {@link inGib} without its unit, for tables and axes that name the unit once. */
export function gibNumber(size: KiB): string {
  const gib = size / KIB_PER_GIB;
  if (size > 0 && gib < 0.005) return '< 0.01';
  // as rounded: 9.996 GiB is 10.0, not 10.00
  const digits =
    gib < 9.995 ? 0
    : gib < 99.95 ? 1
    : 2;
  return withDigits[digits]?.format(gib) ?? String(gib);
}

/** Returns the size as the API has it: `1,048,576 KiB`. */
export const exactly = (size: KiB): string => `${whole.format(size)} KiB`;

/** Returns the size that a person has written in GiB, to whole MiB; undefined if it is no such number. */
export function readGib(text: string): KiB | undefined {
  const number = /^\s*(\d+(?:[.,]\d+)?)\s*(?:GiB)?\s*$/i.exec(text)?.[1];
  if (number === undefined) return undefined;
  return (Math.round(Number(number.replace(',', '.')) * 1024) * 1024) as KiB;
}

/** Returns a share as a whole percentage: `42 %`. */
export const percent = (part: number, all: number): string =>
  all > 0 ? `${Math.round((100 * part) / all)} %` : '0 %';

/** Returns a size in GiB as {@link readGib} reads it back, to the MiB. */
export const gibText = (size: KiB): string => String(Number((size / KIB_PER_GIB).toFixed(4)));
