/** Number and total duration of a daemon's calls to libvirt. */
export interface Calls {
  readonly count: number;
  readonly ms: number;
}

/** Returns the daemon's calls since its start by procedure, from its metrics. */
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

/** The calls between two readings. */
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

/** The sum over the procedures that `counts` selects. */
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
