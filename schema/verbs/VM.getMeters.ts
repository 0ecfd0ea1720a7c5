import { Meters } from '../meters.ts';
import { object, UUID } from '../types.ts';

export default {
  description: "Return Ceilometer's memory meters of a VM in MiB; unknown meters are absent.",
  params: object({ vmID: UUID }),
  result: Meters,
  since: '0.1.0',
  stability: 'evolving',
  access: 'read',
  changes: [],
  errors: ['NoSuchVM'],
} as const;
