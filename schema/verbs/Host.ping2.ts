import { done, object } from '../types.ts';

export default {
  description: 'Return true.',
  params: object({}),
  result: done,
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: [],
} as const;
