import { Freshness } from '../freshness.ts';
import { boolean, decimal, integer, object, text, UUID } from '../types.ts';

export default {
  description:
    "Return a VM's balloon: guaranteed memory (balloon_min), memory (balloon_max), target and current size in KiB as decimal text, its device, the freshness of the guest's reports, and stats_period_problem if their period could not be set.",
  params: object({ vmID: UUID }),
  result: object(
    {
      balloon_min: decimal,
      balloon_max: decimal,
      balloon_target: decimal,
      ballooning_enabled: boolean,
      model: text,
      stats_period_s: integer,
      freshness: Freshness,
    },
    { balloon_cur: decimal, last_update: text, stats_period_problem: text },
  ),
  errors: ['NoSuchVM'],
} as const;
