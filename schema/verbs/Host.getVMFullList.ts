import { array, object, UUID } from '../types.ts';
import { VmEntry } from '../vmStats.ts';

export default {
  description: 'As Host.getVMList; Host.dumpxmls tells the rest.',
  params: object({}, { vmList: array(UUID) }),
  result: array(VmEntry),
  errors: [],
} as const;
