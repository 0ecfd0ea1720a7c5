import type { AuditTrailEntry as EntrySchema } from '../../schema/auditTrail.ts';
import type {
  HostOverview as HostSchema,
  VmOverview as VmSchema,
  Warning as WarningSchema,
} from '../../schema/overview.ts';
import type { Typed } from '../common/typed.ts';
import type { Milliseconds } from '../common/units.ts';
import type { Moving } from '../memory/balloonMotion.ts';
import type { Freshness } from '../memory/freshness.ts';
import type { Usage } from '../memory/usage.ts';
import type { SwapRates } from '../vm/report/stats.ts';
import type { Vm } from '../vm/vm.ts';

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

/** A VM with what is derived from its samples, each of which takes its time for a thousand VMs. */
export interface Seen {
  readonly vm: Vm;
  /** Why nothing of its samples holds now; undefined if it does. */
  readonly silence: string | undefined;
  readonly freshness: Freshness;
  /** Empty while the hypervisor does not answer for the VM. */
  readonly usage: Usage;
  readonly moving: Moving | undefined;
  /** How fast the guest swaps now; undefined if unknown. */
  readonly swap: SwapRates | undefined;
}
