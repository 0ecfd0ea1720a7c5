import type { KiB } from '../../src/common/units.ts';
import { type Milliseconds, Seconds } from '../../src/common/units.ts';
import type { Hypervisor } from '../../src/host/hypervisor.ts';
import type { SimulatedHost } from '../../src/host/simulated/simulatedHost.ts';
import type { BalloonPolicy } from '../../src/memory/floor.ts';
import type { PeriodPolicy } from '../../src/memory/statsPeriod.ts';
import type { PolicyLoopParts } from '../../src/policy/loop/policyLoop.ts';
import type { MomClient } from '../../src/policy/mom/momClient.ts';
import type { BuildSettings } from '../../src/vm/registry/creation.ts';
import type { HotplugTimeouts } from '../../src/vm/vm.ts';
import type { VirtualClock } from './virtualClock.ts';

export const settings: BuildSettings = {
  statsPeriod: Seconds(10),
  autodeflate: true,
  freePageReporting: true,
  folders: ['/var/lib/libvirt/images'],
  domainType: 'kvm',
  arch: 'x86_64',
};

export interface WorldOptions {
  readonly seed?: number;
  readonly maxVms?: number;
  readonly readOnly?: boolean;
  readonly timeoutS?: number;
  readonly build?: Partial<BuildSettings>;
  readonly mom?: MomClient;
  readonly period?: Partial<PeriodPolicy>;
  readonly hotplugTimeouts?: Partial<HotplugTimeouts>;
  readonly balloonPolicy?: Partial<BalloonPolicy>;
  readonly policy?: Partial<PolicyLoopParts>;
  /** 64 GiB unless given. */
  readonly hostMemory?: KiB;
  /** Whether VM.create reserves what is guaranteed to the VM. */
  readonly isAdmitting?: boolean;
  /** Puts something between vmemd and the host. */
  readonly between?: (host: SimulatedHost, clock: VirtualClock) => Seam;
  /** Hears of each published event at once. */
  readonly hear?: (told: Told) => void;
}

/** What stands between vmemd and the rest of the world. */
export interface Seam {
  readonly hypervisor: Hypervisor;
  /** Called when a timer of vmemd falls due, before vmemd is woken. */
  readonly onTimer?: (delay: Milliseconds) => void;
}

/** A published event. */
export interface Told {
  readonly method: string;
  readonly params: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A second vmemd beside that of a world. */
export interface Another {
  /** What it published. */
  readonly told: readonly Told[];
  /** Its requests belong to the flow `other`. */
  readonly call: (method: string, params?: unknown) => Promise<unknown>;
  readonly sample: () => Promise<void>;
  readonly kill: () => void;
}
