import { HotplugMemoryParams } from '../hotplugMemoryParams.ts';
import { object, UUID } from '../types.ts';

export default {
  description:
    'Plug one memory device (params.memory: size in MiB, NUMA node; or params.xml) into a running VM; memGuaranteedSize also sets its guaranteed memory (MiB).',
  params: object({ vmID: UUID, params: HotplugMemoryParams }),
  result: object({}),
  errors: ['NoSuchVM', 'MissingParameter', 'VMIsDown', 'HotplugMemFailed'],
} as const;
