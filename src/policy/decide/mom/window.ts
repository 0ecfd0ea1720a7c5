import type { GuestFigures, HostFigures } from '../round/round.ts';

type Samples = readonly (number | undefined)[];

/** The samples that MoM averages, oldest first; JSON stores an unknown one as null. */
export interface MomMemory {
  readonly hostFree: Samples;
  readonly guests: Readonly<
    Record<string, { readonly current: Samples; readonly unused: Samples }>
  >;
}

export const emptyWindow: MomMemory = { hostFree: [], guests: {} };

/** Returns the window with the newest figures; guests that are gone are forgotten. */
export function withSamples(
  { hostFree, guests }: MomMemory,
  host: HostFigures,
  present: readonly GuestFigures[],
  length: number,
): MomMemory {
  const keep = (samples: Samples, newest: number | undefined): Samples =>
    [...samples, newest].slice(-length);
  return {
    hostFree: keep(hostFree, host.free),
    guests: Object.fromEntries(
      present.map(({ name, current, unused }) => {
        const before = Object.hasOwn(guests, name) ? guests[name] : undefined;
        return [
          name,
          {
            current: keep(before?.current ?? [], current),
            unused: keep(before?.unused ?? [], unused),
          },
        ];
      }),
    ),
  };
}

/** Returns the mean of the known samples, or undefined if there are none. */
export function mean(samples: Samples): number | undefined {
  const known = samples.filter((sample) => typeof sample === 'number');
  return known.length === 0 ?
      undefined
    : known.reduce((sum, sample) => sum + sample, 0) / known.length;
}
