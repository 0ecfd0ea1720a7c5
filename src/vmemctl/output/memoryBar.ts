import type { KiB } from '../../common/units.ts';
import type { Look, Style } from './look.ts';

/** A VM's memory as far as it is known. */
export interface MemoryFigures {
  /** The memory that the balloon acts on: the whole bar. */
  readonly maximum?: KiB;
  /** What the balloon leaves to the guest. */
  readonly current?: KiB;
  readonly target?: KiB;
  readonly guaranteed?: KiB;
  /** What the guest uses of it. */
  readonly used?: KiB;
}

/** The characters of a bar by their meaning. */
interface Alphabet {
  readonly used: string;
  /** Left to the guest, and not used by it. */
  readonly idle: string;
  /** Left to the guest; what it uses is unknown. */
  readonly unknown: string;
  /** Held by the balloon. */
  readonly held: string;
  readonly guaranteed: string;
  /** A target that the balloon has not reached. */
  readonly shrinking: string;
  readonly growing: string;
}

const UNICODE: Alphabet = {
  used: '█',
  idle: '░',
  unknown: '▒',
  held: '·',
  guaranteed: '│',
  shrinking: '‹',
  growing: '›',
};
const ASCII: Alphabet = {
  used: '#',
  idle: '-',
  unknown: '=',
  held: '.',
  guaranteed: '|',
  shrinking: '<',
  growing: '>',
};

const alphabetOf = ({ unicode }: Pick<Look, 'unicode'>): Alphabet => (unicode ? UNICODE : ASCII);

/** Returns a VM's memory as a bar of `width` cells; blank while its memory or its balloon's size are unknown. */
export function memoryBar(
  figures: MemoryFigures,
  width: number,
  look: Pick<Look, 'unicode'>,
): string {
  const { maximum, current, used } = figures;
  if (maximum === undefined || maximum <= 0 || current === undefined) return ' '.repeat(width);
  const letters = alphabetOf(look);
  const cellOf = (size: KiB): number => clamp((size / maximum) * width, width);
  const left = Math.round(cellOf(current));
  const full = used === undefined ? 0 : Math.min(left, Math.ceil(cellOf(used) - 0.5));
  const rest = used === undefined ? letters.unknown : letters.idle;
  const bar = [
    ...cells(letters.used, full),
    ...cells(rest, left - full),
    ...cells(letters.held, width - left),
  ];
  for (const [cell, letter] of marks(figures, { cellOf, left, width, letters })) bar[cell] = letter;
  return bar.join('');
}

const cells = (letter: string, count: number): string[] =>
  Array.from({ length: count }, () => letter);

interface Scale {
  readonly cellOf: (size: KiB) => number;
  readonly left: number;
  readonly width: number;
  readonly letters: Alphabet;
}

/** Returns marks and their cells; the later covers the earlier. */
function marks({ target, guaranteed }: MemoryFigures, { cellOf, left, width, letters }: Scale) {
  const result: [cell: number, letter: string][] = [];
  if (guaranteed !== undefined && guaranteed > 0) {
    result.push([Math.min(Math.floor(cellOf(guaranteed)), width - 1), letters.guaranteed]);
  }
  if (target !== undefined && Math.round(cellOf(target)) !== left) {
    const at = Math.round(cellOf(target));
    result.push(at > left ? [at - 1, letters.growing] : [at, letters.shrinking]);
  }
  return result;
}

const clamp = (value: number, most: number): number => Math.min(Math.max(value, 0), most);

/** Marks the parts of a bar by colours; a stale one is dim as a whole. */
export function paintBar(bar: string, { style, unicode }: Look, isStale = false): string {
  if (isStale) return style('dim', bar);
  const letters = alphabetOf({ unicode });
  return bar.replace(/(.)\1*/gu, (run, letter: string) => paint(run, letter, letters, style));
}

function paint(run: string, letter: string, letters: Alphabet, style: Style): string {
  if (letter === letters.used) return style('cyan', run);
  if (letter === letters.guaranteed) return style(['bold', 'yellow'], run);
  if (letter === letters.growing || letter === letters.shrinking) return style('bold', run);
  return letter === letters.held || letter === letters.idle ? style('dim', run) : run;
}

const GAP = 3;

/** Returns what the characters mean, in as few lines as the terminal allows. */
export function barLegend(look: Look): string[] {
  const letters = alphabetOf(look);
  const words: readonly (readonly [letter: string, word: string])[] = [
    [letters.used, 'used'],
    [letters.idle, 'free in the guest'],
    [letters.held, 'held by the balloon'],
    [letters.guaranteed, 'guaranteed'],
    [`${letters.shrinking}${letters.growing}`, 'target'],
  ];
  const lines: string[] = [];
  let room = 0;
  for (const [letter, word] of words) {
    const width = letter.length + 1 + word.length;
    const text = `${paintBar(letter, look)} ${word}`;
    if (lines.length > 0 && room >= GAP + width) {
      lines.push(`${lines.pop() ?? ''}${' '.repeat(GAP)}${text}`);
      room -= GAP + width;
    } else {
      lines.push(text);
      room = (look.columns ?? Infinity) - width;
    }
  }
  return lines;
}
