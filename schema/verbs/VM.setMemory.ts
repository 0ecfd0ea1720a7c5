import { MemoryJob } from '../memoryJob.ts';
import { array, boolean, MiB, object, text, UUID } from '../types.ts';

const PlannedChange = object(
  { action: { enum: ['plug', 'unplug', 'resize'] }, size_mib: MiB },
  { alias: text, from_mib: MiB },
);

export default {
  description:
    'Grow or shrink a running VM to that memory (MiB), as near as its devices allow and never below; with wait the answer comes when the guest has gone along or would not, with dryRun nothing is done, with deflate the balloon is emptied before an unplug, with specialBlock one block is plugged as a device of its own first. What was asked for last may be asked for again at any time.',
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
        guaranteed_mib: MiB,
        requested_mib: MiB,
        expected_mib: MiB,
        plan: array(PlannedChange),
        next_run: { enum: ['updated', 'kept'] },
        warnings: array(text),
      },
      { job: MemoryJob },
    ),
    description:
      'memory_mib, guaranteed_mib: what holds now; expected_mib: the memory if the guest goes along; plan: of a resize from_mib is what the device was asked for before and size_mib what it is asked for then; next_run: whether the next run begins with the memory requested, or with dryRun would: its configuration is updated where it had the memory of this run or that requested last; job: absent where there was nothing to do.',
  },
  errors: ['NoSuchVM', 'VMIsDown', 'HotplugMemFailed', 'HotunplugMemFailed', 'InvalidParameter'],
  refusesUnknown: true,
  waits: true,
} as const;
