import { integer, object, Status, UUID } from '../types.ts';

// libvirt's limits.
const quota = { ...integer, minimum: -1, maximum: 17_592_186_044_415 } as const;

export default {
  description: 'Set how many microseconds per period a virtual CPU may run; -1 removes the limit.',
  params: object({ vmID: UUID, quota }),
  result: Status,
  since: '0.1.0',
  stability: 'stable',
  access: 'operate',
  changes: ['cpu_quota_us'],
  errors: ['NoSuchVM', 'CpuTuneError'],
} as const;
