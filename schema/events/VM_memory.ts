import { Freshness } from '../freshness.ts';
import { MemoryJob } from '../memoryJob.ts';
import { decimal, integer, object, text } from '../types.ts';

const device = object(
  {
    event: {
      enum: [
        'device-added',
        'device-removed',
        'device-removal-failed',
        'memory-device-size-change',
      ],
    },
    alias: text,
    memory_mib: integer,
    hash: text,
  },
  { size_mib: integer },
);
const freshness = object({ event: { const: 'freshness' }, freshness: Freshness });
const job = object({
  event: { const: 'memory-job' },
  job: MemoryJob,
  memory_mib: integer,
  guaranteed_mib: integer,
});
const balloon = object({ event: { const: 'balloon-change' }, balloon_cur: decimal });

/**
 * `|virt|VM_memory|<vmId>`: the balloon has another size (KiB), or a memory device came, went or would not go (MiB),
 * or a job on one has moved on, or the guest's statistics became fresh or ceased to be.
 */
export default {
  description:
    "A VM's balloon, memory devices or the freshness of its statistics have changed, a device was not given back, or a job on one has moved on.",
  params: {
    type: 'object',
    properties: { notify_time: integer },
    required: ['notify_time'],
    additionalProperties: { anyOf: [balloon, freshness, job, device] },
  },
} as const;
