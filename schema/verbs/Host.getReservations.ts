import { Reservation } from '../reservation.ts';
import { array, object } from '../types.ts';

export default {
  description:
    'List the reservations of memory, oldest first: what each is for and since when, how much of it is not used yet (held_kib), and what balloons took for it.',
  params: object({}),
  result: array(Reservation),
  since: '0.1.0',
  stability: 'experimental',
  access: 'read',
  changes: [],
  errors: [],
} as const;
