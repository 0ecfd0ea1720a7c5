import { object, text } from '../types.ts';

export default {
  description: 'Return the given message.',
  params: object({ message: text }),
  result: text,
  changes: [],
  errors: [],
} as const;
