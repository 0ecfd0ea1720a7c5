import { Freshness } from '../freshness.ts';
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
const balloon = object({ event: { const: 'balloon-change' }, balloon_cur: decimal });

/** `|virt|VM_memory|<vmId>`: the balloon has another size (KiB), or a memory device came, went or would not go (MiB), or the guest's statistics became fresh or ceased to be. */
export default {
  description:
    "A VM's balloon, memory devices or the freshness of its statistics have changed, or a device was not given back.",
  params: {
    type: 'object',
    properties: { notify_time: integer },
    required: ['notify_time'],
    additionalProperties: { anyOf: [balloon, freshness, device] },
  },
} as const;
