import { array, object, UUID } from '../types.ts';
import { VmStats } from '../vmStats.ts';

export default {
  description:
    "Return a VM's status, memory and balloon figures from the newest sample, as a list with one entry.",
  params: object({ vmID: UUID }),
  result: { ...array(VmStats), minItems: 1, maxItems: 1 },
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: ['NoSuchVM'],
} as const;
