import { integer, object, Status, UUID } from '../types.ts';

export default {
  description: 'Set the period, in microseconds, in which a CPU quota counts.',
  params: object({ vmID: UUID, period: integer }),
  result: Status,
  errors: ['NoSuchVM', 'CpuTuneError'],
} as const;
