import type { GuestFigures, HostFigures } from '../round/round.ts';
import { COUNTS, SIZES } from './fields.ts';
import { VERSION } from './roundLine.ts';

/** A round's figures as a line has them; members that are undefined do not appear in JSON. */
export interface WrittenRound {
  readonly version: number;
  readonly time: number;
  readonly host: Readonly<Record<string, number | null | undefined>>;
  readonly guests: readonly Readonly<Record<string, string | number | undefined>>[];
}

const FIGURES = Object.entries({ ...SIZES, ...COUNTS });

/** Returns a round as a line that {@link readRound} reads; `labels` are the names for people of guests. */
export const writtenRound = (
  host: HostFigures,
  guests: readonly GuestFigures[],
  labels: (name: string) => string | undefined = () => undefined,
): WrittenRound => ({
  version: VERSION,
  time: host.time,
  host: {
    mem_total: host.total,
    mem_free: host.free,
    // Null, as mem_free would stand for one that is absent.
    mem_available: host.available ?? null,
    psi_some_avg10: host.stall,
  },
  guests: guests.map((guest) => ({
    name: guest.name,
    vm_name: labels(guest.name),
    exempt: guest.exempt,
    ...Object.fromEntries(FIGURES.map(([theirs, ours]) => [theirs, guest[ours]])),
  })),
});
