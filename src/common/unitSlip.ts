const BYTES = { KiB: 1024, MiB: 1024 ** 2, bytes: 1 } as const;
export type Unit = keyof typeof BYTES;

/** The unit of an amount, and the range in which it makes sense. */
interface Sense {
  readonly unit: Unit;
  readonly least: number;
  readonly most: number;
}

/**
 * Returns a correction, as "768 MiB are 786432", if an amount makes no sense in its unit, but would in another one;
 * undefined otherwise.
 */
export function unitSlip(given: number, { unit, least, most }: Sense): string | undefined {
  if (given >= least && given <= most) return undefined;
  const meantIn = (other: Unit): number => (given * BYTES[other]) / BYTES[unit];
  const other = (Object.keys(BYTES) as Unit[]).find(
    (each) => meantIn(each) >= least && meantIn(each) <= most,
  );
  return other && `${String(given)} ${other} are ${String(Math.round(meantIn(other)))}`;
}

/** Returns a correction for a size that was probably not given in `unit`: it is far above `most`, or far below. */
export const sizeSlip = (size: number, most: number, unit: Unit = 'MiB'): string | undefined =>
  unitSlip(size, { unit, least: most / FAR, most });

/** A size is hardly ever changed by this factor at once. */
const FAR = 64;
