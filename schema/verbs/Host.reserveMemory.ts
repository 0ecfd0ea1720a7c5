import { Depth, Reservation } from '../reservation.ts';
import { KiB, object } from '../types.ts';

const seconds = { type: 'integer', format: 'Seconds', minimum: 1, maximum: 31_536_000 } as const;

export default {
  description:
    "Reserve memory of the host (amount, KiB): make room by ballooning VMs, and hold it until it is released, or for hold seconds. Returns once the host's own figures show it, at most after deadline seconds (60). VMs give down to what they use, or with downTo guaranteed down to their guarantees, for which they may swap. for: any words, or the id of a VM that does not run yet, which then uses it. A failure names in its data the VMs that gave too little, and what was freed.",
  params: object(
    { amount: { ...KiB, minimum: 1 } },
    {
      deadline: { ...seconds, maximum: 86_400 },
      for: { type: 'string', minLength: 1, maxLength: 256 },
      downTo: Depth,
      hold: seconds,
    },
  ),
  result: {
    ...Reservation,
    properties: { ...Reservation.properties, freed_kib: KiB },
    required: [...Reservation.required, 'freed_kib'],
  },
  since: '0.1.0',
  stability: 'experimental',
  access: 'operate',
  changes: ['reserved_kib'],
  errors: ['NotEnoughResources', 'GeneralException', 'InvalidParameter'],
  refusesUnknown: true,
  waits: true,
} as const;
