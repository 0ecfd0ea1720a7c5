import { done, object } from '../types.ts';

export default {
  description: 'Answer true: the engine asks so after it has changed networks.',
  params: object({}),
  result: done,
  errors: [],
} as const;
