import type { VmParameters as Schema } from '../../../schema/vmParameters.ts';
import type { Typed } from '../../common/typed.ts';
import type { Seconds } from '../../common/units.ts';

/** A VM as the client describes it. */
export type VmParameters = Typed<typeof Schema>;

/** What a domain takes from its surroundings rather than from the client. */
export interface BuildOptions {
  readonly uuid: string;
  /** 0 or less: no statistics. */
  readonly statsPeriod: Seconds;
  readonly autodeflate: boolean;
  readonly freePageReporting: boolean;
  /** libvirt's name of the host's architecture; x86_64 unless said. */
  readonly arch?: string;
  readonly domainType?: 'kvm' | 'qemu' | 'test';
  readonly emulator?: string;
}
