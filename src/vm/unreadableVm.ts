import type { Clock } from '../common/clock.ts';
import type { VmStatus } from './status.ts';

/** A running domain whose XML cannot be read: what the hypervisor's list says of it, and why it is not known better. */
export interface UnreadableVm {
  readonly id: string;
  readonly name: string;
  readonly status: VmStatus;
  readonly clock: Clock;
  readonly reason: string;
}
