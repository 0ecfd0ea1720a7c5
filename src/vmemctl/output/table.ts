import { type Look } from './look.ts';
import { cut, pad, printable, widthOf } from './width.ts';

/** A cell: text of anybody, or text and what marks it once it is as wide as its column. */
export type Cell = string | { readonly text: string; readonly mark: (padded: string) => string };

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row, width: number) => Cell;
  readonly align?: 'left' | 'right';
  /** Where the table is too wide, the column with the lowest rank goes first; without one it stays. */
  readonly rank?: number;
  /** Whether it goes before any column shrinks. */
  readonly isSpare?: boolean;
  /** The width to which the column may shrink. */
  readonly least?: number;
  /** The width that the column takes where there is room, instead of that of its cells; they then fill theirs. */
  readonly most?: number;
  /** Whether the middle of a long text is left out, not its end. */
  readonly middle?: boolean;
}

const GAP = 2;

/** Returns the lines of a table that fits the terminal; without rows only its head. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  look: Look,
): string[] {
  const fitted = fit(
    columns.map((column) => measured(column, rows)),
    look.columns,
  );
  const mark = look.unicode ? '…' : '~';
  const line = (cells: readonly Cell[]): string =>
    cells
      .map((cell, index) => {
        const [column, width] = fitted[index] ?? [];
        const { text, mark: marks } =
          typeof cell === 'string' ? { text: cell, mark: undefined } : cell;
        const { align = 'left', middle = false } = column ?? {};
        const isLast = index === fitted.length - 1 && align === 'left';
        const short = cut(printable(text), width ?? 0, { middle, mark });
        const padded = isLast ? short : pad(short, width ?? 0, align);
        return marks ? marks(padded) : padded;
      })
      .join(' '.repeat(GAP));
  return [
    look.style('bold', line(fitted.map(([{ title }]) => title)).trimEnd()),
    ...rows.map((row) => line(fitted.map(([column, width]) => column.cell(row, width)))),
  ].map((each) => each.trimEnd());
}

type Fitted<Row> = readonly [column: Column<Row>, width: number];

function measured<Row>(column: Column<Row>, rows: readonly Row[]): Fitted<Row> {
  const { most, title } = column;
  if (most !== undefined) return [column, most];
  const widths = rows.map((row) => {
    const cell = column.cell(row, Infinity);
    return widthOf(printable(typeof cell === 'string' ? cell : cell.text));
  });
  return [column, Math.max(widthOf(title), ...widths)];
}

/** Leaves out what is spare, shrinks columns as far as they may, then leaves out the least important, until the rest fits. */
function fit<Row>(columns: readonly Fitted<Row>[], available = Infinity): readonly Fitted<Row>[] {
  const gaps = GAP * (columns.length - 1);
  const excess = columns.reduce((sum, [, width]) => sum + width, gaps) - available;
  if (excess <= 0) return columns;
  const hasSpare = columns.some(([{ isSpare }]) => isSpare);
  const shrunk = hasSpare ? undefined : shrink(columns, excess);
  if (shrunk) return shrunk;
  const ranks = columns.map(([{ rank = Infinity }]) => rank);
  const lowest = Math.min(...ranks);
  if (lowest === Infinity) return squeeze(columns, available - gaps);
  const out = ranks.lastIndexOf(lowest);
  return fit(
    columns.filter((_, index) => index !== out),
    available,
  );
}

/** Takes `excess` cells from the columns that may shrink, from the widest first; undefined if that is too much. */
function shrink<Row>(columns: readonly Fitted<Row>[], excess: number): Fitted<Row>[] | undefined {
  const widths = columns.map(([, width]) => width);
  const room = columns.map(([{ least = Infinity }, width]) => Math.max(0, width - least));
  if (room.reduce((sum, each) => sum + each, 0) < excess) return undefined;
  for (let left = excess; left > 0; left -= 1) {
    const widest = Math.max(...widths.filter((_, index) => (room[index] ?? 0) > 0));
    const index = widths.findIndex((width, n) => width === widest && (room[n] ?? 0) > 0);
    widths[index] = widest - 1;
    room[index] = (room[index] ?? 0) - 1;
  }
  return columns.map(([column], index) => [column, widths[index] ?? 0]);
}

/** Gives the columns that always stay what there is, the first of them first. */
function squeeze<Row>(columns: readonly Fitted<Row>[], available: number): Fitted<Row>[] {
  let left = available;
  return columns.map(([column, width]) => {
    const given = Math.max(0, Math.min(width, left));
    left -= given;
    return [column, given];
  });
}
