import { KiB, object, time } from './types.ts';

const yes = { const: true } as const;

/** How a balloon target came about, in the domain's metadata, as JSON. */
export const StoredBalloonStory = object(
  { by: { enum: ['client', 'policy', 'outside', 'start'] } },
  {
    since: time,
    wished: KiB,
    bound: { enum: ['guarantee', 'floor', 'memory'] },
    least: KiB,
    most: KiB,
    isAskedFor: yes,
  },
);
