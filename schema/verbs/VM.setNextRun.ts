import { MiB, object, UUID } from '../types.ts';

export default {
  description:
    'Set the memory (MiB), the guaranteed memory (MiB) or both that a VM gets when it is started next; this run keeps its own.',
  params: object({ vmID: UUID }, { memory: { ...MiB, minimum: 1 }, guaranteed: MiB }),
  result: {
    ...object({ memory_mib: MiB }, { guaranteed_mib: MiB }),
    description: 'guaranteed_mib: absent without a guarantee.',
  },
  since: '0.1.0',
  stability: 'evolving',
  access: 'operate',
  changes: ['next_run'],
  errors: ['NoSuchVM', 'InvalidParameter', 'UnsupportedOperation', 'UnexpectedError'],
  refusesUnknown: true,
} as const;
