import type { Look, Style } from './look.ts';

/** A part of a whole. */
export interface Part {
  readonly size: number;
  readonly letter: string;
  readonly ascii: string;
  readonly format: Parameters<Style>[0];
}

interface Whole {
  readonly total: number;
  readonly width: number;
  readonly look: Look;
}

/** Returns the parts of a whole beside each other, and dots for the rest; parts that make more than it are cut. */
export function stackedBar(parts: readonly Part[], { total, width, look }: Whole): string {
  let sum = 0;
  let drawn = 0;
  const bars = parts.map(({ size, letter, ascii, format }) => {
    sum += size;
    // ends are rounded, not lengths: parts that fill the whole fill the bar
    const end = Math.min(Math.round((sum / total) * width), width);
    const length = Math.max(0, end - drawn);
    drawn += length;
    return look.style(format, (look.unicode ? letter : ascii).repeat(length));
  });
  const rest = (look.unicode ? '·' : '.').repeat(width - drawn);
  return bars.join('') + look.style('dim', rest);
}
