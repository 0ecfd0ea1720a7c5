import { integer, object } from './types.ts';

/** How current a guest's statistics are, with the age of its last report if there is one. */
export const Freshness = object(
  {
    state: {
      enum: ['fresh', 'stale', 'paused', 'no-values', 'never', 'no-period', 'no-device'],
    },
  },
  { age_s: integer },
);
