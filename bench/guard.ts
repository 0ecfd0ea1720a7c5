import type { Row } from './row.ts';

/** How much worse than the committed one a ratio may be. */
const ALLOWED = 1.3;

/** The ratios of a run by the rows' names. */
export type Ratios = Readonly<Record<string, number>>;

/** Returns the ratios of all rows that have one. */
export const ratiosOf = (rows: readonly Row[]): Ratios =>
  Object.fromEntries(
    rows.flatMap(({ name, beside }) => (beside ? [[name, beside.ratio.median]] : [])),
  );

/** Returns the rows whose ratio is worse than the committed one by more than is allowed. */
export const worse = (rows: readonly Row[], committed: Ratios): readonly Row[] =>
  rows.filter(({ name, unit, beside }) => {
    const before = committed[name];
    if (!beside || before === undefined) return false;
    const { median } = beside.ratio;
    const share = isRate(unit) ? before / median : median / before;
    return !(share <= ALLOWED);
  });

/** More of a rate is better; of everything else, less. */
const isRate = (unit: string): boolean => unit.endsWith('/s');
