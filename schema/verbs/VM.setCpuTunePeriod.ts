import { integer, object, Status, UUID } from '../types.ts';

// What libvirt takes.
const period = { ...integer, minimum: 1000, maximum: 1_000_000 } as const;

export default {
  description: 'Set the period, in microseconds, in which a CPU quota counts.',
  params: object({ vmID: UUID, period }),
  result: Status,
  errors: ['NoSuchVM', 'CpuTuneError'],
} as const;
