import { object, text } from '../types.ts';

export default {
  description: 'Return the given message.',
  params: object({ message: text }),
  result: text,
  access: 'read',
  changes: [],
  errors: [],
} as const;
