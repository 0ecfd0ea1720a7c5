import { HeadroomOfVm, HugepagesOfSize, NodeOfHost } from '../reservation.ts';
import { array, KiB, object } from '../types.ts';

export default {
  description:
    "Return what a scheduler asks: how much memory can still be promised (promisable_kib: the host's, less what it uses itself, a reserve, what VMs may have at any time, and reservations), how much is free now without touching a VM (free_now_kib), how much more VMs could free (freeable_kib, for each VM below), and thus the largest reservation that Host.reserveMemory can make now (reservable_kib); overpromised_kib if more is promised than the host has. Of NUMA nodes, free memory without page cache; huge pages are counted apart.",
  params: object({}),
  result: object(
    {
      capacity_kib: KiB,
      available_kib: KiB,
      own_kib: KiB,
      reserve_kib: KiB,
      promise_limit_kib: KiB,
      promised_kib: KiB,
      reserved_kib: KiB,
      promisable_kib: KiB,
      held_kib: KiB,
      free_now_kib: KiB,
      freeable_kib: KiB,
      reservable_kib: KiB,
      overhead_per_vm_kib: KiB,
      nodes: array(NodeOfHost),
      hugepages: array(HugepagesOfSize),
      vms: array(HeadroomOfVm),
    },
    { overpromised_kib: KiB, swap_free_kib: KiB },
  ),
  since: '0.1.0',
  stability: 'experimental',
  access: 'read',
  changes: [],
  errors: ['GeneralException'],
} as const;
