import { array, integer, KiB, object, record, text, time, UUID } from './types.ts';

const yes = { const: true } as const;

/** Memory that is reserved, in the file [memory] reservations_path; times in milliseconds since 1970. */
export const StoredReservations = object({
  version: { const: 1 },
  /** The hypervisor whose VMs these are. */
  hypervisor: text,
  reservations: array(
    object(
      {
        id: UUID,
        amount: KiB,
        origin: { enum: ['client', 'create'] },
        depth: { enum: ['used', 'guaranteed'] },
        since: time,
        deadline: time,
        /** What balloons took for it, by VM. */
        takes: record(KiB),
      },
      {
        for: text,
        vm: UUID,
        hasStarted: yes,
        madeAt: time,
        hold: { ...integer, format: 'Seconds' },
      },
    ),
  ),
  /** What is to be given back to VMs for reservations that have ended. */
  toReturn: record(KiB),
  /** The part of that which is given back at once, as no other VM has used it. */
  due: record(KiB),
  /** What the balloon of a VM held before and holds after what it was last asked for; `isReturn`: of what is to be given back. */
  asked: record(object({ from: KiB, to: KiB }, { isReturn: yes })),
});
