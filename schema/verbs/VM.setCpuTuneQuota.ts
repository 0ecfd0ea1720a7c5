import { integer, object, Status, UUID } from '../types.ts';

export default {
  description:
    'Set how many microseconds of each period a virtual CPU may run; -1 takes the limit away.',
  params: object({ vmID: UUID, quota: integer }),
  result: Status,
  errors: ['NoSuchVM', 'CpuTuneError'],
} as const;
