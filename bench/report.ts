import type { Row } from './row.ts';

/** A benchmark: returns its figures, or throws an error that says why it cannot run here. */
export type Bench = (options: { readonly quick: boolean }) => Promise<readonly Row[]>;

/** The required median of a figure. */
export interface Bar {
  /** The row's name. */
  readonly row: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** Formats rows as a table. */
export function table(rows: readonly Row[]): string {
  const cells = [
    ['', 'min', 'median', 'max', 'unit', ''],
    ...rows.map(({ name, unit, min, median, max, note = '' }) => [
      name,
      figure(min),
      figure(median),
      figure(max),
      unit,
      note,
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  );
  const isNumber = (column: number): boolean => column >= 1 && column <= 3;
  const line = (words: readonly string[]): string =>
    words
      .map((word, column) => {
        const width = widths[column] ?? 0;
        return isNumber(column) ? word.padStart(width) : word.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return `${cells.map(line).join('\n')}\n`;
}

/** Returns one line per bar: met, missed, or not measured if there is no such figure. */
export function verdicts(rows: readonly Row[], bars: readonly Bar[]): readonly string[] {
  return bars.map(({ row: name, atLeast, atMost }) => {
    const row = rows.find((each) => each.name === name);
    const wanted =
      atLeast === undefined ? `at most ${figure(atMost ?? NaN)}` : `at least ${figure(atLeast)}`;
    if (!row) return `not measured  ${name}: ${wanted}`;
    const isMet = row.median >= (atLeast ?? -Infinity) && row.median <= (atMost ?? Infinity);
    const found = `${figure(row.median)} ${row.unit}`;
    return `${isMet ? 'met         ' : 'missed      '}  ${name}: ${found}, expected ${wanted}`;
  });
}

function figure(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
