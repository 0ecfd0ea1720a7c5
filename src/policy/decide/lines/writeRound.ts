import type { GuestFigures, HostFigures } from '../round/round.ts';
import { COUNTS, SIZES } from './fields.ts';
import { VERSION } from './roundLine.ts';

/** A part of a round as a line has it; members that are undefined do not appear in JSON. */
type Written = Readonly<Record<string, unknown>>;

const FIGURES = Object.entries({ ...SIZES, ...COUNTS });

/** Returns a round without its guests as a line that {@link readRound} reads. */
export const writtenHead = ({ time, total, free, available, stall }: HostFigures): Written => ({
  version: VERSION,
  time,
  host: {
    mem_total: total,
    mem_free: free,
    // Null, as mem_free would stand for one that is absent.
    mem_available: available ?? null,
    psi_some_avg10: stall,
  },
});

/** Returns a guest as such a line has it; `label` is its name for people. */
export function writtenGuest(guest: GuestFigures, label?: string): Written {
  const { name, exempt } = guest;
  const written: Record<string, unknown> = { name, vm_name: label, exempt };
  for (const [theirs, ours] of FIGURES) written[theirs] = guest[ours];
  return written;
}
