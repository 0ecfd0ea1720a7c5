import { integer, object, Status, UUID } from '../types.ts';

// What libvirt takes.
const quota = { ...integer, minimum: -1, maximum: 17_592_186_044_415 } as const;

export default {
  description:
    'Set how many microseconds of each period a virtual CPU may run; -1 takes the limit away.',
  params: object({ vmID: UUID, quota }),
  result: Status,
  errors: ['NoSuchVM', 'CpuTuneError'],
} as const;
