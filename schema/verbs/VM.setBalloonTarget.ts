import { boolean, KiB, object, Status, text, UUID } from '../types.ts';

export default {
  description:
    'Set how much memory (KiB) the balloon leaves to the guest; limited to the range from its guaranteed memory to its memory.',
  params: object({ vmID: UUID, target: KiB }),
  result: {
    ...object({ ...Status.properties, applied: boolean }, { target: KiB, reason: text }),
    description:
      "applied: whether the balloon's target was set; target: the target in KiB; reason: why it was not set, or why it differs from the given target.",
  },
  errors: ['NoSuchVM', 'BalloonError'],
} as const;
