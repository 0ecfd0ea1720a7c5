import { array, object, text } from '../types.ts';

export default {
  description: 'Remove these patterns, or all; returns the remaining patterns.',
  params: object({}, { events: { ...array(text), maxItems: 100 } }),
  result: array(text),
  since: '0.1.0',
  stability: 'evolving',
  access: 'read',
  changes: [],
  errors: [],
} as const;
