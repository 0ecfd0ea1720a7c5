import { Freshness } from '../freshness.ts';
import { integer, KiB, object, text, UUID } from '../types.ts';

export default {
  description:
    "Return how a VM's memory is used: guaranteed, if anyone has set a guarantee, allocated, held by the balloon, used by the guest, resident on the host; used_absent_because gives the reason if the guest's use is unknown.",
  params: object({ vmID: UUID }),
  result: object(
    { freshness: Freshness, memory_kib: KiB },
    {
      guaranteed_kib: KiB,
      allocated_kib: KiB,
      balloon_held_kib: KiB,
      used_kib: KiB,
      used_absent_because: text,
      resident_kib: KiB,
      sample_age_s: integer,
      available_kib: KiB,
      unused_kib: KiB,
      usable_kib: KiB,
      disk_caches_kib: KiB,
      swap_in_kib: KiB,
      swap_out_kib: KiB,
      major_faults: integer,
      minor_faults: integer,
    },
  ),
  since: '0.1.0',
  stability: 'evolving',
  access: 'read',
  changes: [],
  errors: ['NoSuchVM'],
} as const;
