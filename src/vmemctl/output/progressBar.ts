import type { Look } from './look.ts';

/** Returns a bar of `width` cells of which a fraction (0 to 1) is full. */
export function progressBar(fraction: number, width: number, { unicode, style }: Look): string {
  const full = Math.round(Math.min(Math.max(fraction, 0), 1) * width);
  const [done, open] = unicode ? ['━', '─'] : ['#', '.'];
  return style('cyan', done.repeat(full)) + style('dim', open.repeat(width - full));
}

/**
 * Returns how many seconds are left if it goes on as since the start; undefined before anything can be said.
 * `fraction` is 0 to 1, `elapsed` in seconds.
 */
export function secondsLeft(fraction: number, elapsed: number): number | undefined {
  if (fraction <= 0 || elapsed <= 0) return undefined;
  return fraction >= 1 ? 0 : (elapsed / fraction) * (1 - fraction);
}
