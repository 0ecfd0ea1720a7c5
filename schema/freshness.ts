import { integer, object } from './types.ts';

/** How current a guest's statistics are, with the age of its last report if there is one; unknown: nothing has been read of this run of the VM. */
export const Freshness = object(
  {
    state: {
      enum: ['fresh', 'stale', 'paused', 'no-values', 'never', 'no-period', 'no-device', 'unknown'],
    },
  },
  { age_s: integer },
);
