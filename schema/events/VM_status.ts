import { VmStats } from '../vmStats.ts';
import { integer } from '../types.ts';

/** `|virt|VM_status|<vmId>`: a VM has another status; statistics come along while it runs, its end when it is Down. */
export default {
  description: "A VM's status has changed.",
  params: {
    type: 'object',
    properties: { notify_time: integer },
    required: ['notify_time'],
    additionalProperties: VmStats,
  },
} as const;
