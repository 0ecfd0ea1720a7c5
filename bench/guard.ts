import type { Row } from './row.ts';

/** How much worse than the committed one a ratio may be. */
const ALLOWED = 1.3;
/** How often a benchmark runs until a figure counts as worse, and to record what is committed. */
export const TRIES = 3;

/** The guarded figures of a benchmark by the rows' names: ratios, and counts of calls. */
export type Guard = Readonly<Record<string, number>>;

/** A figure that is worse than the committed one, or missing. */
export interface Fault {
  readonly name: string;
  readonly committed: number;
  readonly found: number | undefined;
}

/** Runs a benchmark once. */
type Run = () => Promise<readonly Row[]>;

/**
 * Returns what is worse than the committed figures: a ratio by more than is allowed, a count that grew, and what the run
 * no longer measures.
 */
export function faults(rows: readonly Row[], guard: Guard): readonly Fault[] {
  return Object.entries(guard).flatMap(([name, committed]) => {
    const row = rows.find((each) => each.name === name);
    const found = row && guardedFigure(row);
    return row && found !== undefined && isKept(row, found, committed) ?
        []
      : { name, committed, found };
  });
}

/** Gets what is wrong with a try before the next: figures that are worse, or why the benchmark did not run. */
type Tell = (wrong: readonly Fault[] | Error, turn: number) => void;

/**
 * Runs a benchmark until nothing is worse than in `guard`, three times at most. Returns the rows of the last run and what
 * was worse in all that ran. Throws what the last try throws; an earlier one that throws is told alone, as libvirtd or
 * QEMU may have ended by themselves.
 */
export async function guarded(
  run: Run,
  guard: Guard,
  tell: Tell,
): Promise<{ readonly rows: readonly Row[]; readonly faults: readonly Fault[] }> {
  let rows: readonly Row[] = [];
  let left: readonly Fault[] | undefined;
  for (let turn = 1; turn <= TRIES && left?.length !== 0; turn++) {
    try {
      rows = await run();
    } catch (error) {
      if (turn === TRIES) throw error;
      tell(error as Error, turn);
      continue;
    }
    const now = faults(rows, guard);
    left = now.filter(({ name }) => left?.some((each) => each.name === name) ?? true);
    if (left.length > 0) tell(left, turn);
  }
  return { rows, faults: left ?? [] };
}

/** Returns the median of each guarded figure over several runs. */
export function recorded(runs: readonly (readonly Row[])[]): Guard {
  const found = new Map<string, number[]>();
  for (const row of runs.flat()) {
    const figure = guardedFigure(row);
    if (figure !== undefined) found.set(row.name, [...(found.get(row.name) ?? []), figure]);
  }
  return Object.fromEntries([...found].map(([name, values]) => [name, medianOf(values)]));
}

/** Returns what is committed of the benchmarks in `order`, with what was found in its place where there is some. */
export const merged = (
  committed: Readonly<Record<string, Guard>>,
  found: Readonly<Record<string, Guard>>,
  order: readonly string[],
): Readonly<Record<string, Guard>> =>
  Object.fromEntries(
    order
      .map((name) => [name, found[name] ?? committed[name] ?? {}] as const)
      .filter(([, guard]) => Object.keys(guard).length > 0),
  );

/** What of a row is guarded; other figures depend on the machine. */
function guardedFigure({ unit, median, beside }: Row): number | undefined {
  if (beside) return beside.ratio.median;
  return isCount(unit) ? median : undefined;
}

function isKept({ unit }: Row, found: number, committed: number): boolean {
  if (isCount(unit)) return found <= committed;
  // more of a rate is better; of everything else, less
  const growth = unit.endsWith('/s') ? committed / found : found / committed;
  return growth <= ALLOWED;
}

/** Counts do not depend on the machine, so none may grow. */
const isCount = (unit: string): boolean => unit === 'calls';

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? NaN;
