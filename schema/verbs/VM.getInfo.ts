import { object, UUID } from '../types.ts';
import { VmEntry } from '../vmStats.ts';

export default {
  description: "A VM's status in short.",
  params: object({ vmID: UUID }),
  result: VmEntry,
  errors: ['NoSuchVM'],
} as const;
