import { MiB, object, Status, text, UUID } from '../types.ts';

export default {
  description:
    'Set the guaranteed memory (MiB) of a running VM; balloon targets are never below it.',
  params: object({ vmID: UUID, guaranteed: MiB }),
  result: object({ ...Status.properties, guaranteed_mib: MiB }, { reason: text }),
  since: '0.1.0',
  stability: 'evolving',
  access: 'operate',
  changes: ['guaranteed_kib', 'balloon_target_kib'],
  errors: ['NoSuchVM', 'VMIsDown', 'InvalidParameter', 'BalloonError'],
  refusesUnknown: true,
} as const;
