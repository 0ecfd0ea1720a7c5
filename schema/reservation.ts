import { array, integer, KiB, object, text, UUID } from './types.ts';

/** How far guests may be asked down. */
export const Depth = { enum: ['used', 'guaranteed'] } as const;

/** Memory that is reserved; times by RFC 3339. */
export const Reservation = object(
  {
    reservationID: UUID,
    amount_kib: KiB,
    /** What of it is not used yet. */
    held_kib: KiB,
    state: { enum: ['making', 'held'] },
    by: { enum: ['client', 'create'] },
    down_to: Depth,
    since: text,
    /** What balloons took for it. */
    taken: array(object({ vmID: UUID, taken_kib: KiB })),
  },
  {
    for: text,
    /** The VM that uses it once it runs. */
    vmID: UUID,
    made_at: text,
    deadline: text,
    expires_at: text,
    /** What it lacks, as the host has less than is reserved. */
    lacking_kib: KiB,
  },
);

/** What one VM is promised, has, and could give now. */
export const HeadroomOfVm = object(
  {
    vmID: UUID,
    vmName: text,
    /** What it may have at any time, with its QEMU. */
    promised_kib: KiB,
    freeable_kib: KiB,
    /** The same, if guests are asked down to their guarantees, for which they may swap. */
    freeable_to_guarantee_kib: KiB,
  },
  {
    current_kib: KiB,
    used_kib: KiB,
    least_kib: KiB,
    not_freeable_because: text,
  },
);

export const HugepagesOfSize = object({ size_kib: KiB, total: integer, free: integer });

export const NodeOfHost = object({ node: integer, total_kib: KiB, free_kib: KiB });
