import {
  array,
  boolean,
  decimal,
  decimalFraction,
  integer,
  object,
  openObject,
  text,
  UUID,
  VmStatus,
} from './types.ts';

/** VDSM's balloon figures: KiB as decimal text, complete or absent. */
export const BalloonInfo = object({
  balloon_cur: decimal,
  balloon_max: decimal,
  balloon_min: decimal,
  balloon_target: decimal,
  ballooning_enabled: boolean,
});

/** VDSM's guest memory figures: KiB as decimal text, rates per second as integers; unknown values are absent. */
export const MemoryStats = object(
  {},
  {
    mem_total: decimal,
    mem_unused: decimal,
    mem_free: decimal,
    swap_in: integer,
    swap_out: integer,
    majflt: integer,
    minflt: integer,
    pageflt: integer,
  },
);

/** A display of a running VM, as text in all its parts; unknown parts are absent. */
const Display = object(
  { type: { enum: ['vnc', 'spice'] } },
  { port: decimal, tlsPort: decimal, ipAddress: text },
);

/**
 * One VM in VM.getStats and Host.getAllVmStats; a Down VM has only its status and its exit reason, one whose domain
 * cannot be read only its status and `unreadable`, the reason.
 */
export const VmStats = openObject(
  { vmId: UUID, status: VmStatus, statusTime: decimal },
  {
    vmName: text,
    vmType: text,
    hash: text,
    acpiEnable: text,
    kvmEnable: text,
    vcpuCount: decimal,
    vcpuQuota: decimal,
    vcpuPeriod: integer,
    vcpuUserLimit: integer,
    guestCPUCount: integer,
    elapsedTime: decimal,
    cpuUsage: decimal,
    cpuUser: decimalFraction,
    cpuSys: decimalFraction,
    cpuActual: boolean,
    monitorResponse: decimal,
    memUsage: decimal,
    memoryStats: MemoryStats,
    balloonInfo: BalloonInfo,
    displayInfo: array(Display),
    pauseCode: text,
    exitCode: integer,
    exitReason: integer,
    exitMessage: text,
    unreadable: text,
  },
);

/** VDSM's short form of a VM. */
export const VmEntry = object({ vmId: UUID, status: VmStatus, statusTime: decimal });
