import { Freshness } from './freshness.ts';
import { array, boolean, integer, KiB, object, text, UUID, VmStatus } from './types.ts';

const number = { type: 'number' } as const;

/** Something that an administrator should look at: its kind for programs, and a sentence that says what to do. */
export const Warning = object({
  kind: {
    enum: [
      'unreadable',
      'not-answering',
      'paused-by-error',
      'not-reporting',
      'stats-period',
      'balloon-stuck',
      'balloon-moved-outside',
      'below-guarantee',
      'guarantee-above-memory',
      'swapping',
      'unplug-refused',
      'not-online',
      'hypervisor-away',
      'host-swapping',
      'host-stalled',
      'host-short',
      'promised-too-much',
    ],
  },
  text,
});

/** A memory operation that runs. */
const RunningJob = object({
  job_id: text,
  action: { enum: ['plug', 'unplug', 'set-memory'] },
  started: text,
  devices: integer,
  devices_open: integer,
});

/**
 * One VM at a glance; unknown figures are absent. The sizes of the balloon, target, current, guaranteed, floor and
 * maximum, are those of VM.getBalloonInfo: without what virtio-mem devices provide, now or as requested.
 */
export const VmOverview = object(
  { id: UUID, name: text, status: VmStatus, warnings: array(Warning), jobs: array(RunningJob) },
  {
    used_kib: KiB,
    used_absent_because: text,
    current_kib: KiB,
    target_kib: KiB,
    guaranteed_kib: KiB,
    floor_kib: KiB,
    maximum_kib: KiB,
    memory_kib: KiB,
    virtio_mem_kib: KiB,
    virtio_mem_requested_kib: KiB,
    ceiling_kib: KiB,
    resident_kib: KiB,
    balloon_held_kib: KiB,
    need_kib: KiB,
    freshness: Freshness,
    last_update: text,
    target_by: { enum: ['client', 'policy', 'outside', 'start'] },
    moving: { enum: ['at-target', 'on-its-way', 'stuck', 'moved-outside'] },
    ballooning_disabled_because: text,
    swap_in_kib_s: number,
    swap_out_kib_s: number,
  },
);

/** The host at a glance; unknown figures are absent. */
export const HostOverview = object(
  {
    simulated: boolean,
    read_only: boolean,
    vmemd_version: text,
    vms: integer,
    vms_up: integer,
    promised_kib: KiB,
    warnings: array(Warning),
  },
  {
    name: text,
    libvirt_version: text,
    qemu_version: text,
    link_problem: text,
    link_problem_since: text,
    total_kib: KiB,
    used_by_guests_kib: KiB,
    balloons_held_kib: KiB,
    caches_kib: KiB,
    free_kib: KiB,
    other_kib: KiB,
    available_kib: KiB,
    goal_kib: KiB,
    reserve_kib: KiB,
    reserved_kib: KiB,
    could_free_kib: KiB,
    could_promise_kib: KiB,
    swap_total_kib: KiB,
    swap_free_kib: KiB,
    swap_in_kib_s: number,
    swap_out_kib_s: number,
    stall_percent: number,
    hugepages: array(object({ size_kib: KiB, total: integer, free: integer })),
    policy: object(
      { mode: { enum: ['off', 'observe', 'act'] }, algorithm: text },
      { since: text, by: text },
    ),
    mom_active: boolean,
  },
);
