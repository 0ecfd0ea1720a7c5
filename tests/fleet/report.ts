/** Prints what was checked and measured, and counts what failed. */
export class Report {
  failed = 0;

  step(words: string): void {
    console.log(`\n${words}`);
  }

  check(words: string, isSo: boolean, found: unknown = ''): void {
    if (!isSo) this.failed += 1;
    console.log(
      `${isSo ? 'ok    ' : 'FAILED'} ${words}${found === '' ? '' : `: ${String(found)}`}`,
    );
  }

  figure(name: string, text: string): void {
    console.log(`       ${name.padEnd(46)} ${text}`);
  }
}

/** Returns a value such that this share of them is not larger; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export const sum = (values: readonly number[]): number =>
  values.reduce((all, value) => all + value, 0);

/** Returns mean and maximum of figures of hosts: `1.2 (at most 1.5)`. */
export const spread = (values: readonly number[], digits = 1): string =>
  `${(sum(values) / values.length).toFixed(digits)} (at most ${Math.max(...values).toFixed(digits)})`;
