import type { Look } from '../output/look.ts';
import { pad, printable, widthOf, wrap } from '../output/width.ts';

/** A figure with its name. */
export interface Fact {
  readonly label: string;
  readonly figure: string;
  /** What belongs to the figure. */
  readonly remark?: string;
  /** What explains it, where there is room for that. */
  readonly hint?: string;
}

const INDENT = 2;
const GAP = 2;
/** A remark that has less room makes more lines than it is worth, if it only explains. */
const ROOM_FOR_HINTS = 28;

/** Returns facts below each other, one a line or more if the remark is long. */
export function factLines(facts: readonly Fact[], look: Look): string[] {
  const labels = Math.max(...facts.map(({ label }) => widthOf(label)));
  const figures = Math.max(...facts.map(({ figure }) => widthOf(figure)));
  const before = remarkColumn(facts);
  const room = look.columns === undefined ? undefined : Math.max(10, look.columns - before);
  const hasHints = room === undefined || room >= ROOM_FOR_HINTS;
  return facts.flatMap(({ label, figure, remark = '', hint = '' }) => {
    const text = remark === '' && hasHints ? hint : remark;
    const [first = '', ...more] = wrap(printable(text), room);
    const name = look.style('dim', pad(label, labels));
    const head = `${name}${' '.repeat(GAP)}${look.style('bold', pad(figure, figures, 'right'))}`;
    return [
      `${' '.repeat(INDENT)}${head}${' '.repeat(GAP)}${first}`.trimEnd(),
      ...more.map((line) => ' '.repeat(before) + line),
    ];
  });
}

/** Returns the column in which remarks begin. */
export function remarkColumn(facts: readonly Fact[]): number {
  const labels = Math.max(...facts.map(({ label }) => widthOf(label)));
  const figures = Math.max(...facts.map(({ figure }) => widthOf(figure)));
  return INDENT + labels + GAP + figures + GAP;
}
