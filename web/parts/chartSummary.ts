import { rangeOf } from '../model/spark.ts';
import type { Line } from './line.ts';

/** Returns what a chart shows, in words, for those who do not see it. */
export function summary(
  title: string,
  lines: readonly Line[],
  format: (value: number) => string,
): string {
  const parts = lines.map(({ label, values }) => {
    const range = rangeOf(values);
    if (!range) return `${label}: not known`;
    const now = values.at(-1);
    const current = typeof now === 'number' ? `now ${format(now)}` : 'now not known';
    return `${label}: ${format(range.least)} to ${format(range.most)}, ${current}`;
  });
  return `${title}. ${parts.join('. ')}. Arrow keys choose a moment.`;
}
