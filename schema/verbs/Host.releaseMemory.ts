import { KiB, object, Status, UUID } from '../types.ts';

export default {
  description:
    'End a reservation: its memory can be used again, and what balloons took for it is given back unless somebody has set other targets since.',
  params: object({ reservationID: UUID }),
  result: object({ ...Status.properties, released_kib: KiB }),
  since: '0.1.0',
  stability: 'experimental',
  access: 'operate',
  changes: ['reserved_kib'],
  errors: ['InvalidParameter', 'GeneralException'],
  refusesUnknown: true,
} as const;
