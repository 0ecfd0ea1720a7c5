import { done, object, UUID } from '../types.ts';

export default {
  description:
    'Stop a VM at once and remove it; a domain that vmemd did not create is stopped but stays defined.',
  params: object({ vmID: UUID }, { gracefulAttempts: { type: 'integer', minimum: 0 } }),
  result: done,
  since: '0.1.0',
  stability: 'stable',
  access: 'operate',
  changes: ['status'],
  errors: ['NoSuchVM', 'DestroyError'],
} as const;
