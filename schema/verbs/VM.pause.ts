import { object, UUID } from '../types.ts';

export default {
  description: 'Suspend a running VM in memory.',
  params: object({ vmID: UUID }),
  result: object({ vmList: object({}) }),
  since: '0.1.0',
  stability: 'stable',
  access: 'operate',
  changes: ['status'],
  errors: ['NoSuchVM', 'VMIsDown', 'UnexpectedError'],
} as const;
