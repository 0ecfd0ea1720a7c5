import type { Row } from './row.ts';

/** How much worse than the committed one a ratio may be. */
const ALLOWED = 1.3;

/** The ratios of a run by the rows' names. */
export type Ratios = Readonly<Record<string, number>>;

/** Returns the worst ratio of each row, by its name, of those that have one. */
export function worstRatios(rows: readonly Row[]): Ratios {
  const worst: Record<string, number> = {};
  for (const { name, unit, beside } of rows) {
    if (!beside) continue;
    const { median } = beside.ratio;
    const found = worst[name] ?? median;
    worst[name] = isRate(unit) ? Math.min(found, median) : Math.max(found, median);
  }
  return worst;
}

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
