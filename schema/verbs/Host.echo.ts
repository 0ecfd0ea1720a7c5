import { object, text } from '../types.ts';

export default {
  description: 'Return the given message.',
  params: object({ message: text }),
  result: text,
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: [],
} as const;
