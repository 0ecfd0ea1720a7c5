import { HotplugMemoryParams } from '../hotplugMemoryParams.ts';
import { object, text, UUID } from '../types.ts';

export default {
  description:
    'Plug one memory device (params.memory: size in MiB, NUMA node; or params.xml) into a running VM; memGuaranteedSize also sets its guaranteed memory (MiB). An alias without the prefix ua- is replaced by libvirt; the result has the alias that the device got.',
  params: object({ vmID: UUID, params: HotplugMemoryParams }),
  result: object({}, { alias: text }),
  since: '0.1.0',
  stability: 'stable',
  access: 'operate',
  changes: ['memory_kib', 'guaranteed_kib', 'balloon_target_kib', 'memory_job'],
  errors: ['NoSuchVM', 'MissingParameter', 'VMIsDown', 'HotplugMemFailed'],
} as const;
