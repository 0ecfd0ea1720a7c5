import { array, object, text } from '../types.ts';

export default {
  description:
    'Stop sending what these patterns asked for, or all events; answers the patterns that are left.',
  params: object({}, { events: { ...array(text), maxItems: 100 } }),
  result: array(text),
  errors: [],
} as const;
