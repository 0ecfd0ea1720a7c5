import { MemoryJob } from '../memoryJob.ts';
import { array, boolean, MiB, object, text, UUID } from '../types.ts';

const PlannedChange = object(
  { action: { enum: ['plug', 'unplug', 'resize'] }, size_mib: MiB },
  { alias: text, from_mib: MiB },
);

export default {
  description:
    'Grow or shrink a running VM to this memory (MiB), as near as its devices allow but never below; wait returns only when the guest has followed or refused, dryRun changes nothing, deflate empties the balloon before an unplug, specialBlock first plugs one block as a separate device. The last request may be repeated at any time.',
  params: object(
    { vmID: UUID, memory: { ...MiB, minimum: 1 } },
    {
      guaranteed: MiB,
      wait: boolean,
      dryRun: boolean,
      deflate: boolean,
      specialBlock: boolean,
    },
  ),
  result: {
    ...object(
      {
        memory_mib: MiB,
        requested_mib: MiB,
        expected_mib: MiB,
        plan: array(PlannedChange),
        next_run: { enum: ['updated', 'kept'] },
        warnings: array(text),
      },
      { guaranteed_mib: MiB, job: MemoryJob },
    ),
    description:
      "memory_mib, guaranteed_mib: the current values, the latter absent without a guarantee; expected_mib: the memory if the guest follows; plan: for a resize, from_mib and size_mib are the device's requested size before and after; next_run: whether the next run starts with the requested memory (with dryRun: would start): its configuration is updated if it had this run's memory or the one requested last; job: absent if there is nothing to do.",
  },
  since: '0.1.0',
  stability: 'evolving',
  access: 'operate',
  changes: ['memory_kib', 'guaranteed_kib', 'balloon_target_kib', 'memory_job'],
  errors: ['NoSuchVM', 'VMIsDown', 'HotplugMemFailed', 'HotunplugMemFailed', 'InvalidParameter'],
  refusesUnknown: true,
  waits: true,
} as const;
