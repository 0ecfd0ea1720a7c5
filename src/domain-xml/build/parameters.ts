import type { VmParameters as Schema } from '../../../schema/vmParameters.ts';
import type { Typed } from '../../common/typed.ts';
import type { Seconds } from '../../common/units.ts';

/** A VM as a client describes it. */
export type VmParameters = Typed<typeof Schema>;

/** Values that come from vmemd and the host instead of the client. */
export interface BuildOptions {
  readonly uuid: string;
  /** 0 or less turns statistics off. */
  readonly statsPeriod: Seconds;
  readonly autodeflate: boolean;
  readonly freePageReporting: boolean;
  /** libvirt's name of the host's architecture; x86_64 by default. */
  readonly arch?: string;
  readonly domainType?: 'kvm' | 'qemu' | 'test';
  readonly emulator?: string;
}
