import { HotplugMemoryParams } from '../hotplugMemoryParams.ts';
import { done, object, UUID } from '../types.ts';

export default {
  description:
    'Ask a running VM to give a memory device back, named by alias, by address, or by size and node; true means that the request was accepted, an event |virt|VM_memory|<vmId> tells how it ended.',
  params: object({ vmID: UUID, params: HotplugMemoryParams }),
  result: done,
  errors: ['NoSuchVM', 'MissingParameter', 'VMIsDown', 'HotunplugMemFailed'],
} as const;
