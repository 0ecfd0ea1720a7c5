import { MemoryJob } from '../memoryJob.ts';
import { object, text, UUID } from '../types.ts';

export default {
  description:
    "How a change of a VM's memory stands, device by device: the job of that id, or the newest one, or the newest one about the device of that alias.",
  params: object({ vmID: UUID }, { jobID: text, alias: text }),
  result: MemoryJob,
  errors: ['NoSuchVM', 'InvalidParameter'],
  refusesUnknown: true,
} as const;
