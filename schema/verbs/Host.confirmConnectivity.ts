import { done, object } from '../types.ts';

export default {
  description: 'Return true; the engine calls this after it has changed networks.',
  params: object({}),
  result: done,
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: [],
} as const;
