import { MiB, object, Status, UUID } from '../types.ts';

export default {
  description:
    'Set how much memory (MiB) a running VM is guaranteed, from now on: no balloon target goes below.',
  params: object({ vmID: UUID, guaranteed: MiB }),
  result: object({ ...Status.properties, guaranteed_mib: MiB }),
  errors: ['NoSuchVM', 'VMIsDown', 'InvalidParameter', 'BalloonError'],
  refusesUnknown: true,
} as const;
