import { object, UUID } from '../types.ts';

export default {
  description: 'Resume a paused VM.',
  params: object({ vmID: UUID }),
  result: object({ vmList: object({}) }),
  access: 'operate',
  changes: ['status'],
  errors: ['NoSuchVM', 'UnexpectedError'],
} as const;
