import { object, UUID } from '../types.ts';
import { VmEntry } from '../vmStats.ts';

export default {
  description: "Return a VM's status.",
  params: object({ vmID: UUID }),
  result: VmEntry,
  access: 'read',
  changes: [],
  errors: ['NoSuchVM'],
} as const;
