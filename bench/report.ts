import type { Row } from './row.ts';

/** A benchmark: returns its figures, or throws an error that says why it cannot run here. */
export type Bench = (options: { readonly quick: boolean }) => Promise<readonly Row[]>;

/** What is required of the median of a figure, or of its ratio to that of the peer. */
export interface Bar {
  /** The row's name. */
  readonly row: string;
  readonly of?: 'ratio';
  readonly atLeast?: number;
  readonly atMost?: number;
}

const HEAD = ['ratio', 'what', 'min', 'median', 'max', 'unit', 'beside', 'its median', ''];
/** The columns of numbers. */
const NUMBERS = [0, 2, 3, 4, 7];

/** Formats rows as a table of text, the ratio first. */
export function table(rows: readonly Row[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  );
  const line = (words: readonly string[]): string =>
    words
      .map((word, column) => {
        const width = widths[column] ?? 0;
        return NUMBERS.includes(column) ? word.padStart(width) : word.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return `${cells.map(line).join('\n')}\n`;
}

/** Formats rows as a table of Markdown, the ratio first. */
export function markdownTable(rows: readonly Row[]): string {
  const rule = HEAD.map((_, column) => (NUMBERS.includes(column) ? '--:' : '---'));
  const lines = [HEAD, rule, ...rows.map(cellsOf)];
  return lines.map((words) => `| ${words.join(' | ')} |\n`).join('');
}

function cellsOf({ name, unit, min, median, max, beside, note = '' }: Row): readonly string[] {
  const ratio = beside ? `${figure(beside.ratio.median)} ×` : '';
  const peer = beside ? [beside.name, figure(beside.median)] : ['', ''];
  return [ratio, name, figure(min), figure(median), figure(max), unit, ...peer, note];
}

/** What became of a bar. */
export interface Verdict {
  readonly word: 'met' | 'missed' | 'not measured';
  readonly what: string;
  /** With its unit; empty if it was not measured. */
  readonly found: string;
  readonly wanted: string;
}

/** Judges by each bar; one without such a figure is not measured. */
export const verdicts = (rows: readonly Row[], bars: readonly Bar[]): readonly Verdict[] =>
  bars.map((bar) =>
    verdict(
      bar,
      rows.find(({ name }) => name === bar.row),
    ),
  );

function verdict(bar: Bar, row: Row | undefined): Verdict {
  const { atLeast = -Infinity, atMost = Infinity } = bar;
  const wanted = atMost === Infinity ? `at least ${figure(atLeast)}` : `at most ${figure(atMost)}`;
  const { what, value, unit } = judged(bar, row);
  if (value === undefined) return { word: 'not measured', what, found: '', wanted };
  const word = value >= atLeast && value <= atMost ? 'met' : 'missed';
  return { word, what, found: `${figure(value)} ${unit}`, wanted };
}

const judged = ({ row, of }: Bar, found: Row | undefined) =>
  of === 'ratio' ?
    { what: `${row}, ratio`, value: found?.beside?.ratio.median, unit: '×' }
  : { what: row, value: found?.median, unit: found?.unit ?? '' };

/** Formats a verdict as a line of text. */
export const verdictLine = ({ word, what, found, wanted }: Verdict): string =>
  `${word.padEnd(12)}  ${what}: ${found === '' ? '' : `${found}, expected `}${wanted}`;

/** Formats verdicts as a table of Markdown. */
export const verdictTable = (all: readonly Verdict[]): string =>
  [
    ['what', 'measured', 'to reach', ''],
    ['---', '--:', '--:', '---'],
    ...all.map(({ what, found, wanted, word }) => [what, found, wanted, word]),
  ]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');

/** Writes a number with three digits that count. */
export function figure(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
