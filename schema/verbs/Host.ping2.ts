import { done, object } from '../types.ts';

export default {
  description: 'Return true.',
  params: object({}),
  result: done,
  access: 'read',
  changes: [],
  errors: [],
} as const;
