/** The least number that so much (0 to 1) of the numbers do not exceed. */
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? NaN;
}

/** As text, without decimals. */
export const percentile = (numbers: readonly number[], part: number): string =>
  quantile(numbers, part).toFixed(0);

/** Milliseconds that the work took; throws what it throws. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
