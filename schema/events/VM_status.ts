import { VmStats } from '../vmStats.ts';
import { integer } from '../types.ts';

/**
 * `|virt|VM_status|<vmId>`: a VM's status has changed; with statistics while it runs, and with the exit reason when it
 * is Down.
 */
export default {
  description: "A VM's status has changed.",
  params: {
    type: 'object',
    properties: { notify_time: integer },
    required: ['notify_time'],
    additionalProperties: VmStats,
  },
} as const;
