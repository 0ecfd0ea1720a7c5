import { toBytes } from '../common/units.ts';
import type { Reservations } from '../policy/reservations/reservations.ts';
import { exposition, type Family, labelText } from './exposition.ts';

export type ReservationSources = Pick<Reservations, 'held' | 'lacking' | 'count'>;

/** Returns the series of what is reserved of the host's memory. */
export const reservationMetrics = (reservations: ReservationSources): string =>
  exposition(families, [{ reservations, labels: '' }]) +
  exposition(
    [count],
    [
      { labels: labelText({ state: 'held' }), value: reservations.count('held') },
      { labels: labelText({ state: 'making' }), value: reservations.count('making') },
    ],
  );

interface Subject {
  readonly reservations: ReservationSources;
  readonly labels: string;
}

const families: readonly Family<Subject>[] = [
  {
    name: 'vmemd_reserved_bytes',
    type: 'gauge',
    help: 'Memory of the host that is reserved and not used yet.',
    value: ({ reservations }) => toBytes(reservations.held),
  },
  {
    name: 'vmemd_reserved_lacking_bytes',
    type: 'gauge',
    help: 'Reserved memory that the host lacks by the last look; more than 0 for long needs attention.',
    value: ({ reservations }) => toBytes(reservations.lacking),
  },
];

const count: Family<{ readonly labels: string; readonly value: number }> = {
  name: 'vmemd_reservations',
  type: 'gauge',
  help: 'Number of reservations that are held or in the making.',
  value: ({ value }) => value,
};
