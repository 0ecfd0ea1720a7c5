/** The result of a load. */
export interface Load {
  /** Requests that were answered. */
  readonly count: number;
  readonly perSecond: number;
  /** Latency in microseconds: the median and the 99th percentile. */
  readonly median: number;
  readonly p99: number;
}

/**
 * Loads all connections for so many seconds: `drive` keeps requests in flight on one until `end`, and adds how long each
 * took, in milliseconds.
 */
export async function loadOn<C>(
  connections: readonly C[],
  seconds: number,
  drive: (connection: C, end: number, took: number[]) => Promise<void>,
): Promise<Load> {
  const took: number[] = [];
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(connections.map((each) => drive(each, end, took)));
  const elapsed = performance.now() - began;
  took.sort((a, b) => a - b);
  const at = (share: number): number => (took[Math.floor(took.length * share)] ?? NaN) * 1000;
  return {
    count: took.length,
    perSecond: (took.length / elapsed) * 1000,
    median: at(0.5),
    p99: at(0.99),
  };
}
