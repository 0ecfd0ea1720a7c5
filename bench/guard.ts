import type { Row } from './row.ts';

/** How much worse than the committed one a ratio may be. */
const ALLOWED = 1.3;
/** How often a benchmark runs until a figure counts as worse, and to record what is committed. */
export const TRIES = 3;

/** The guarded figures of a benchmark by the rows' names: ratios, and counts of calls. */
export type Guard = Readonly<Record<string, number>>;

/** A figure that is worse than the committed ones, or missing. */
export interface Fault {
  readonly name: string;
  /** Of each machine that it was compared with. */
  readonly committed: readonly number[];
  readonly found: number | undefined;
}

/** Runs a benchmark once. */
type Run = () => Promise<readonly Row[]>;

/**
 * Returns what is worse than the committed figures of all the machines: a ratio by more than is allowed, a count that grew,
 * and what the run no longer measures.
 */
export function faults(rows: readonly Row[], guards: readonly Guard[]): readonly Fault[] {
  const names = new Set(guards.flatMap((guard) => Object.keys(guard)));
  return [...names].flatMap((name) => {
    const committed = guards.flatMap((guard) => guard[name] ?? []);
    const row = rows.find((each) => each.name === name);
    const found = row && guardedFigure(row);
    return row && found !== undefined && committed.some((each) => isKept(row, found, each)) ?
        []
      : { name, committed, found };
  });
}

/** A benchmark could not finish because libvirtd, which it ran, ended by itself. */
export class LibvirtdEndedError extends Error {}

/** Gets what is wrong with a try before the next: figures that are worse, or why the benchmark did not finish. */
type Tell = (wrong: readonly Fault[] | LibvirtdEndedError, turn: number) => void;

/**
 * Runs a benchmark until nothing is worse than in `guards`, three times at most. Returns the rows of the last run and what
 * was worse in every run that finished. If libvirtd ends by itself, the benchmark runs again, but not after the third time.
 * Throws any other error at once.
 */
export async function guarded(
  run: Run,
  guards: readonly Guard[],
  tell: Tell,
): Promise<{ readonly rows: readonly Row[]; readonly faults: readonly Fault[] }> {
  let rows: readonly Row[] = [];
  let left: readonly Fault[] | undefined;
  for (let turn = 1; turn <= TRIES && left?.length !== 0; turn++) {
    try {
      rows = await run();
    } catch (error) {
      if (!(error instanceof LibvirtdEndedError) || turn === TRIES) throw error;
      tell(error, turn);
      continue;
    }
    const now = faults(rows, guards);
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
