import { object, UUID } from '../types.ts';
import { VmEntry } from '../vmStats.ts';

export default {
  description: "Return a VM's status.",
  params: object({ vmID: UUID }),
  result: VmEntry,
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: ['NoSuchVM'],
} as const;
