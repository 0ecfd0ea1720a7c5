import { openObject, text, UUID } from '../types.ts';
import { VmParameters } from '../vmParameters.ts';
import { VmEntry } from '../vmStats.ts';

export default {
  description:
    'Create and start a VM from domain XML (vmParams.xml, its <uuid> names the VM) or from parameters; returns at once, with status WaitForLaunch.',
  params: openObject({ vmID: UUID, vmParams: VmParameters }),
  result: openObject({ ...VmEntry.properties, xml: text }),
  since: '0.1.0',
  stability: 'stable',
  access: 'operate',
  changes: ['status', 'memory_kib', 'guaranteed_kib', 'balloon_target_kib'],
  errors: ['VMExists', 'CannotCreateVM', 'GeneralException', 'NotEnoughResources', 'OutOfMemory'],
  waits: true,
} as const;
