import type { Result } from '../../client/index.ts';
import { formatDuration, secondsSince } from '../output/duration.ts';
import type { Column } from '../output/table.ts';
import { sizeOf, UNKNOWN } from './figures.ts';

export type Reservation = Result<'Host.getReservations'>[number];

/** Returns the columns of a table of reservations; `now` is in milliseconds since 1970. */
export const reservationColumns = (now: number): readonly Column<Reservation>[] => [
  { title: 'FOR', cell: ({ for: name = UNKNOWN }) => name, least: 8, middle: true },
  { title: 'AMOUNT', cell: ({ amount_kib: size }) => sizeOf(size), align: 'right' },
  { title: 'UNUSED', cell: ({ held_kib: size }) => sizeOf(size), align: 'right', rank: 5 },
  { title: 'LACKING', cell: ({ lacking_kib: size }) => sizeOf(size), align: 'right', rank: 2 },
  { title: 'STATE', cell: ({ state }) => state, rank: 4 },
  {
    title: 'SINCE',
    cell: ({ since }) => `${formatDuration(secondsSince(since, now))} ago`,
    rank: 3,
  },
  {
    title: 'ENDS',
    cell: ({ expires_at: end }) =>
      end === undefined ? 'when released' : `in ${formatDuration((Date.parse(end) - now) / 1000)}`,
    rank: 3,
  },
  { title: 'ID', cell: ({ reservationID: id }) => id, rank: 1, least: 8 },
];
