import { HotplugMemoryParams } from '../hotplugMemoryParams.ts';
import { done, object, UUID } from '../types.ts';

export default {
  description:
    'Request a memory device back from a running VM, identified by alias, by address, or by size and node; true means that the request was accepted, an event |virt|VM_memory|<vmId> reports the outcome.',
  params: object({ vmID: UUID, params: HotplugMemoryParams }),
  result: done,
  since: '0.1.0',
  stability: 'stable',
  access: 'operate',
  changes: ['memory_kib', 'guaranteed_kib', 'balloon_target_kib', 'memory_job'],
  errors: ['NoSuchVM', 'MissingParameter', 'VMIsDown', 'HotunplugMemFailed'],
} as const;
