/** Characters that take a cell each: ASCII, Latin, and what tables and bars are drawn with. */
const PLAIN =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2026\u2039\u203a\u2190-\u2193\u2500-\u259f]*$/;
/** What moves a terminal's cursor, changes its state or hides text: controls, line ends, marks of direction. */
const UNPRINTABLE =
  /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const INVISIBLE = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** Characters that take two cells: those of Unicode's East Asian Width W and F, and what is shown as an emoji. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18d08}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}\ufe0f]/u;

/** Made when it is needed, as that takes longer than most other things that a command does. */
let segmenter: Intl.Segmenter | undefined;

/** Returns text of others as it may be written to a terminal: controls are replaced, so that a name moves no cursor. */
export const printable = (text: string): string =>
  PLAIN.test(text) ? text : text.replace(UNPRINTABLE, '\ufffd');

/** Returns how many cells of a terminal a printable text takes. */
export const widthOf = (text: string): number =>
  PLAIN.test(text) ? text.length : graphemes(text).reduce((sum, each) => sum + cells(each), 0);

function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

const cells = (grapheme: string): number =>
  INVISIBLE.test(grapheme) ? 0
  : WIDE.test(grapheme) ? 2
  : 1;

export interface Cut {
  /** Whether the middle is left out, as of names that differ in their ends. */
  readonly middle?: boolean;
  /** What stands for the part that is left out; one cell. */
  readonly mark?: string;
}

/** Returns a printable text that takes at most `width` cells. */
export function cut(text: string, width: number, { middle = false, mark = '…' }: Cut = {}): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  const left = middle ? Math.ceil((width - 1) / 2) : width - 1;
  const all = graphemes(text);
  const end = taken(all.toReversed(), width - 1 - left).toReversed();
  return [...taken(all, left), mark, ...end].join('');
}

/** Returns as many graphemes of the front as fit. */
function taken(all: readonly string[], width: number): string[] {
  let free = width;
  const end = all.findIndex((each) => (free -= cells(each)) < 0);
  return end < 0 ? [...all] : all.slice(0, end);
}

/** Returns a text with blanks up to `width` cells. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

/** Breaks a text into lines of at most `width` cells, between words where it can; undefined: one line. */
export function wrap(text: string, width: number | undefined): string[] {
  if (width === undefined || widthOf(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
    } else {
      if (line !== '') lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}
