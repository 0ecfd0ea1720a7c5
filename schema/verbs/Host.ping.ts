import { done, object } from '../types.ts';

export default {
  description: 'Return true; for old clients, otherwise the same as Host.ping2.',
  params: object({}),
  result: done,
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: [],
} as const;
