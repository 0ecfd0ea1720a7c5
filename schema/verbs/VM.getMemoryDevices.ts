import { array, integer, MiB, object, text, UUID } from '../types.ts';

const MemoryDeviceEntry = object(
  {
    model: text,
    alias: text,
    size_mib: MiB,
    node: integer,
    state: { enum: ['plugged', 'guest-online', 'not-online', 'unplugging', 'refused'] },
  },
  {
    slot: integer,
    base: text,
    block_mib: MiB,
    requested_mib: MiB,
    current_mib: MiB,
    job_id: text,
    message: text,
  },
);

export default {
  description:
    "Return a VM's memory devices (sizes in MiB), oldest first, each with its state in the guest; plugged means that it is not known whether the guest uses it.",
  params: object({ vmID: UUID }),
  result: array(MemoryDeviceEntry),
  since: '0.1.0',
  stability: 'evolving',
  access: 'read',
  changes: [],
  errors: ['NoSuchVM'],
  refusesUnknown: true,
} as const;
