import type { AuditTrailEntry as EntrySchema } from '../../schema/auditTrail.ts';
import type {
  HostOverview as HostSchema,
  VmOverview as VmSchema,
  Warning as WarningSchema,
} from '../../schema/overview.ts';
import type { Typed } from '../common/typed.ts';
import type { Milliseconds } from '../common/units.ts';

export type HostOverview = Typed<typeof HostSchema>;
export type VmOverview = Typed<typeof VmSchema>;
export type Warning = Typed<typeof WarningSchema>;
export type AuditTrailEntry = Typed<typeof EntrySchema>;

/** The host and its VMs at one moment. */
export interface Glance {
  /** Milliseconds since 1970. */
  readonly time: Milliseconds;
  readonly host: HostOverview;
  readonly vms: readonly VmOverview[];
}

/** The connection to the hypervisor: why there is none, and since when, in milliseconds since 1970. */
export interface LinkState {
  readonly problem: string | undefined;
  readonly problemSince: Milliseconds | undefined;
}
