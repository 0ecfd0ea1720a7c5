import { array, object, UUID } from '../types.ts';
import { VmEntry } from '../vmStats.ts';

export default {
  description: 'Return the same as Host.getVMList; see Host.dumpxmls for details.',
  params: object({}, { vmList: array(UUID) }),
  result: array(VmEntry),
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: [],
} as const;
