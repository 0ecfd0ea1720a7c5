import { boolean, MiB, object, UUID } from '../types.ts';

export default {
  description:
    'Return the memory that a VM gets when it is started next. The result is empty for a transient domain, which has no configuration for a next run.',
  params: object({ vmID: UUID }),
  result: {
    ...object({}, { memory_mib: MiB, guaranteed_mib: MiB, max_memory_mib: MiB, differs: boolean }),
    description:
      'guaranteed_mib: absent without a guarantee; max_memory_mib: the maximum for memory devices, absent if the VM can have none; differs: whether memory, guarantee or maximum are not those of this run.',
  },
  since: '0.1.0',
  stability: 'evolving',
  access: 'read',
  changes: [],
  errors: ['NoSuchVM', 'UnexpectedError'],
  refusesUnknown: true,
} as const;
