import { MemoryJob } from '../memoryJob.ts';
import { object, text, UUID } from '../types.ts';

export default {
  description:
    'Return the state of a memory change, device by device: the job with this id, the newest job, or the newest job of the device with this alias.',
  params: object({ vmID: UUID }, { jobID: text, alias: text }),
  result: MemoryJob,
  since: '0.1.0',
  stability: 'evolving',
  access: 'read',
  changes: [],
  errors: ['NoSuchVM', 'InvalidParameter'],
  refusesUnknown: true,
} as const;
