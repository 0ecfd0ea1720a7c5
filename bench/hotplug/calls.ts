/** How often a daemon has called libvirt, and for how long in all. */
export interface Calls {
  readonly count: number;
  readonly ms: number;
}

/** The daemon's calls of each procedure since it was started, by its own metrics. */
export async function callsOf(url: string): Promise<ReadonlyMap<string, Calls>> {
  const page = await (await fetch(new URL('/metrics', url.replace(/^ws/, 'http')))).text();
  const found = new Map<string, { count: number; ms: number }>();
  const series = /^vmemd_libvirt_call_duration_seconds_(sum|count)\{procedure="(\w+)"\} (\S+)$/gm;
  for (const [, figure, procedure = '', value] of page.matchAll(series)) {
    const calls = found.get(procedure) ?? { count: 0, ms: 0 };
    found.set(procedure, calls);
    if (figure === 'count') calls.count = Number(value);
    else calls.ms = Number(value) * 1000;
  }
  return found;
}

/** What was called between the two. */
export const between = (
  before: ReadonlyMap<string, Calls>,
  after: ReadonlyMap<string, Calls>,
): ReadonlyMap<string, Calls> =>
  new Map(
    [...after].map(([procedure, { count, ms }]) => {
      const past = before.get(procedure) ?? { count: 0, ms: 0 };
      return [procedure, { count: count - past.count, ms: ms - past.ms }];
    }),
  );

/** Those of all procedures that `counts` names. */
export function sum(
  calls: ReadonlyMap<string, Calls>,
  counts: (procedure: string) => boolean,
): Calls {
  const counted = [...calls].filter(([procedure]) => counts(procedure)).map(([, one]) => one);
  return {
    count: counted.reduce((total, { count }) => total + count, 0),
    ms: counted.reduce((total, { ms }) => total + ms, 0),
  };
}
