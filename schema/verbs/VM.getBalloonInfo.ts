import { boolean, decimal, integer, object, text, UUID } from '../types.ts';

export default {
  description:
    "A VM's balloon: guaranteed memory (balloon_min), memory (balloon_max), target and current size in KiB as decimal text, its device, and when the guest last reported.",
  params: object({ vmID: UUID }),
  result: object(
    {
      balloon_min: decimal,
      balloon_max: decimal,
      balloon_target: decimal,
      ballooning_enabled: boolean,
      model: text,
      stats_period_s: integer,
    },
    { balloon_cur: decimal, last_update: text },
  ),
  errors: ['NoSuchVM'],
} as const;
