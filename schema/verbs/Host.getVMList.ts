import { array, boolean, object, UUID } from '../types.ts';
import { VmEntry } from '../vmStats.ts';

export default {
  description: 'The VMs of this host in short, all or those of vmList; unknown ids are left out.',
  params: object({}, { fullStatus: boolean, vmList: array(UUID), onlyUUID: boolean }),
  result: array(VmEntry),
  errors: [],
} as const;
