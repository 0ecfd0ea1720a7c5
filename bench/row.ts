/** The least, the median and the greatest of several values. */
export interface Figures {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** One figure of a benchmark over several runs. */
export interface Row extends Figures {
  readonly name: string;
  readonly unit: string;
  /** What it was measured beside, in the same run. */
  readonly beside?: Peer;
  /** A remark for the reader. */
  readonly note?: string;
}

/** Another program, or a limit, with the same figure; `ratio` is ours to its, run by run. */
export interface Peer {
  readonly name: string;
  readonly median: number;
  readonly ratio: Figures;
}

/** Summarizes the values of at least one run. */
export function row(name: string, unit: string, values: readonly number[], note?: string): Row {
  const figures = { name, unit, ...figuresOf(values) };
  return note === undefined ? figures : { ...figures, note };
}

/** The same figure of one run, ours and a peer's. */
export interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

/** Summarizes our values beside those of a peer in the same runs. */
export function compared(name: string, unit: string, pairs: readonly Pair[], peer: string): Row {
  const own = pairs.map(({ ours }) => ours);
  const ratio = figuresOf(pairs.map(({ ours, theirs }) => ours / theirs));
  const { median } = figuresOf(pairs.map(({ theirs }) => theirs));
  return { ...row(name, unit, own), beside: { name: peer, median, ratio } };
}

/** Pairs the values of the same runs. */
export const paired = (ours: readonly number[], theirs: readonly number[]): readonly Pair[] =>
  ours.map((value, run) => ({ ours: value, theirs: theirs[run] ?? NaN }));

function figuresOf(values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
  return { min: at(0), median: at(0.5), max: at(1) };
}
