import { object, Status, UUID } from '../types.ts';

const period = { type: 'integer', format: 'Seconds', minimum: 0, maximum: 2147483647 } as const;

export default {
  description:
    "Set how often a VM's guest reports memory statistics, in seconds, also after a restart of vmemd; 0 turns reports off.",
  params: object({ vmID: UUID, period }),
  result: Status,
  since: '0.1.0',
  stability: 'evolving',
  access: 'operate',
  changes: ['stats_period_s'],
  errors: ['NoSuchVM', 'VMIsDown', 'BalloonError'],
} as const;
