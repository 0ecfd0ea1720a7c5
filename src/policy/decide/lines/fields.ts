import type { Exemption } from '../round/round.ts';

/** Sizes of a guest in KiB, as lines name them: MoM's names of the balloon, libvirt's of the statistics. */
export const SIZES = {
  balloon_cur: 'current',
  balloon_min: 'floor',
  balloon_max: 'memory',
  rss: 'resident',
  available: 'available',
  unused: 'unused',
  usable: 'usable',
  disk_caches: 'diskCaches',
  swap_in: 'swapIn',
  swap_out: 'swapOut',
} as const;

/** Other numbers of a guest. */
export const COUNTS = {
  major_fault: 'majorFaults',
  last_update: 'reportedAt',
  weight: 'weight',
} as const;

const exemptions: Readonly<Record<Exemption, true>> = {
  paused: true,
  migrating: true,
  'no-balloon': true,
  disabled: true,
  hugepages: true,
  locked: true,
  'assigned-device': true,
  pinned: true,
  'not-managed': true,
  busy: true,
  'not-answering': true,
  reserving: true,
};

export const EXEMPTIONS = Object.keys(exemptions) as readonly Exemption[];
