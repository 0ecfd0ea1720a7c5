import { Freshness } from '../freshness.ts';
import { boolean, decimal, integer, KiB, object, text, UUID } from '../types.ts';

export default {
  description:
    "Return a VM's balloon: the least that ballooning leaves (balloon_min: guaranteed_kib, or the default floor of a VM without a guarantee), the memory that the balloon acts on (balloon_max: without virtio-mem devices, which VM.getMemoryUsage counts), target and current size in KiB as decimal text, who set the target and when (outside: another program or the guest itself; start: as the VM started), the size that was wished and what limited it, how the balloon stands to its target, balloon_cur_absent_because while the hypervisor does not answer for the VM, whether the VM is ballooned or why not, its device, the freshness of the guest's reports, and stats_period_problem if their period could not be set.",
  params: object({ vmID: UUID }),
  result: object(
    {
      balloon_min: decimal,
      balloon_max: decimal,
      balloon_target: decimal,
      ballooning_enabled: boolean,
      target_by: { enum: ['client', 'policy', 'outside', 'start'] },
      model: text,
      stats_period_s: integer,
      freshness: Freshness,
    },
    {
      balloon_cur: decimal,
      balloon_cur_absent_because: text,
      guaranteed_kib: KiB,
      target_since: text,
      wished: decimal,
      bound: { enum: ['guarantee', 'floor', 'memory'] },
      moving: { enum: ['at-target', 'on-its-way', 'stuck', 'moved-outside'] },
      ballooning_disabled_because: text,
      last_update: text,
      stats_period_problem: text,
    },
  ),
  since: '0.1.0',
  stability: 'evolving',
  access: 'read',
  changes: [],
  errors: ['NoSuchVM'],
} as const;
