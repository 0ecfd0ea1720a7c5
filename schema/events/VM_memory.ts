import { Freshness } from '../freshness.ts';
import { MemoryJob } from '../memoryJob.ts';
import { boolean, decimal, integer, object, text } from '../types.ts';

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
const job = object(
  { event: { const: 'memory-job' }, job: MemoryJob, memory_mib: integer },
  { guaranteed_mib: integer },
);
const silence = object(
  { event: { const: 'balloon-silent' }, silent: boolean, freshness: Freshness },
  { balloon_cur: decimal },
);
const movedOutside = object({
  event: { const: 'balloon-moved-outside' },
  balloon_cur: decimal,
  balloon_min: decimal,
  below_min: boolean,
});
const balloon = object({ event: { const: 'balloon-change' }, balloon_cur: decimal });

/**
 * `|virt|VM_memory|<vmId>`: the balloon's size (KiB) or a memory device (MiB) has changed, another program or the guest
 * has moved the balloon, a guest has refused to release a device, a memory job has progressed, the freshness of
 * statistics has changed, or a ballooned guest has stopped to report its memory.
 */
export default {
  description:
    "A VM's balloon, its memory devices or the freshness of its statistics have changed, another program or the guest has moved the balloon, maybe below its minimum, a guest has refused to release a device, a memory job has progressed, or a ballooned guest has stopped to report its memory.",
  params: {
    type: 'object',
    properties: { notify_time: integer },
    required: ['notify_time'],
    additionalProperties: { anyOf: [balloon, movedOutside, silence, freshness, job, device] },
  },
} as const;
