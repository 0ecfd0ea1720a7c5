import { integer, object } from './types.ts';

/** How far a guest's statistics can be trusted, with the age of its last report where it has reported. */
export const Freshness = object(
  {
    state: {
      enum: ['fresh', 'stale', 'paused', 'no-values', 'never', 'no-period', 'no-device'],
    },
  },
  { age_s: integer },
);
