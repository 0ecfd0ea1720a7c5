import { Pace } from './pace.ts';

/** Returns the results of `work` for all items in order; everything else gets its turn every few milliseconds. */
export async function pacedMap<T, R>(items: readonly T[], work: (item: T) => R): Promise<R[]> {
  const pace = new Pace();
  const results: R[] = [];
  for (const item of items) {
    if (pace.isDue) await pace.rest();
    results.push(work(item));
  }
  return results;
}
