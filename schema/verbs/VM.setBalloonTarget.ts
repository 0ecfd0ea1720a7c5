import { boolean, KiB, object, Status, text, UUID } from '../types.ts';

export default {
  description:
    "Set how much memory (KiB) the balloon leaves to the guest; limited to the range from the VM's guaranteed memory, or its default floor, to its memory. A target that makes sense only in MiB or bytes is refused.",
  params: object({ vmID: UUID, target: KiB }),
  result: {
    ...object({ ...Status.properties, applied: boolean }, { target: KiB, reason: text }),
    description:
      "applied: whether the balloon's target was set; target: the target in KiB; reason: why it was not set, or why it differs from the given target.",
  },
  since: '0.1.0',
  stability: 'stable',
  access: 'operate',
  changes: ['balloon_target_kib'],
  errors: ['NoSuchVM', 'InvalidParameter', 'BalloonError'],
} as const;
