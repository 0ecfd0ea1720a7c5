import { boolean, KiB, object, Status, text, UUID } from '../types.ts';

export default {
  description:
    'Set how much memory (KiB) the balloon leaves to the guest, held to between its guaranteed memory and its memory.',
  params: object({ vmID: UUID, target: KiB }),
  result: {
    ...object({ ...Status.properties, applied: boolean }, { target: KiB, reason: text }),
    description:
      'applied: whether the balloon was asked; target: the KiB asked for; reason: why not, or why not the target given.',
  },
  errors: ['NoSuchVM', 'BalloonError'],
} as const;
