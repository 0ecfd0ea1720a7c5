import { done, object } from '../types.ts';

export default {
  description: 'Answer true; kept for old clients, Host.ping2 is the same.',
  params: object({}),
  result: done,
  errors: [],
} as const;
