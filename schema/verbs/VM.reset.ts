import { done, object, UUID } from '../types.ts';

export default {
  description: 'Reset a VM, as by its reset button.',
  params: object({ vmID: UUID }),
  result: done,
  since: '0.1.0',
  stability: 'stable',
  access: 'operate',
  changes: ['status', 'guest'],
  errors: ['NoSuchVM', 'ResetError'],
} as const;
