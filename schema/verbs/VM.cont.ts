import { object, UUID } from '../types.ts';

export default {
  description: 'Resume a paused VM.',
  params: object({ vmID: UUID }),
  result: object({ vmList: object({}) }),
  since: '0.1.0',
  stability: 'stable',
  access: 'operate',
  changes: ['status'],
  errors: ['NoSuchVM', 'UnexpectedError'],
} as const;
