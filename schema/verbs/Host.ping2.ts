import { done, object } from '../types.ts';

export default {
  description: 'Answer true.',
  params: object({}),
  result: done,
  errors: [],
} as const;
