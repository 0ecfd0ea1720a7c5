import { array, boolean, object, UUID } from '../types.ts';
import { VmEntry } from '../vmStats.ts';

export default {
  description: 'List the VMs of this host, all or those in vmList; unknown ids are ignored.',
  params: object({}, { fullStatus: boolean, vmList: array(UUID), onlyUUID: boolean }),
  result: array(VmEntry),
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: [],
} as const;
