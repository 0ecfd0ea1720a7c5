import { integer, object, Status, UUID } from '../types.ts';

// libvirt's limits.
const period = { ...integer, minimum: 1000, maximum: 1_000_000 } as const;

export default {
  description: 'Set the period of a CPU quota, in microseconds.',
  params: object({ vmID: UUID, period }),
  result: Status,
  since: '0.1.0',
  stability: 'stable',
  access: 'operate',
  changes: ['cpu_period_us'],
  errors: ['NoSuchVM', 'CpuTuneError'],
} as const;
