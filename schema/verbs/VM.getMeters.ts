import { Meters } from '../meters.ts';
import { object, UUID } from '../types.ts';

export default {
  description: "Ceilometer's memory meters of a VM, in MiB; what is not known is absent.",
  params: object({ vmID: UUID }),
  result: Meters,
  errors: ['NoSuchVM'],
} as const;
