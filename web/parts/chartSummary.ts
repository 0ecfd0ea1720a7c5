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
    const last = values.findLast((value) => value !== null) ?? range.most;
    return `${label}: ${format(range.least)} to ${format(range.most)}, last ${format(last)}`;
  });
  return `${title}. ${parts.join('. ')}. Arrow keys choose a moment.`;
}
