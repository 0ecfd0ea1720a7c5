/** One figure of a benchmark over several runs. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** A remark for the reader. */
  readonly note?: string;
}

/** Summarizes the values of at least one run. */
export function row(name: string, unit: string, values: readonly number[], note?: string): Row {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
  const figures = { name, unit, min: at(0), median: at(0.5), max: at(1) };
  return note === undefined ? figures : { ...figures, note };
}
