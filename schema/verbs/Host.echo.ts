import { object, text } from '../types.ts';

export default {
  description: 'Answer the message given.',
  params: object({ message: text }),
  result: text,
  errors: [],
} as const;
