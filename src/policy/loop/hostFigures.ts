import { KiB, type Seconds } from '../../common/units.ts';
import type { HostPressure } from '../../host/pressure/hostPressure.ts';
import type { HostFigures } from '../decide/round/round.ts';
import type { Algorithm } from './settings.ts';

export interface HostContext {
  readonly algorithm: Algorithm;
  /** The clock of the guests' reports. */
  readonly time: Seconds;
  /** What is reserved and not yet used. */
  readonly held: KiB;
}

/** Returns the host's figures for a round. MoM measures against the host's whole memory, huge pages included. */
export function hostFigures(
  { total, capacity, free, available, stall, limit }: HostPressure,
  { algorithm, time, held }: HostContext,
): HostFigures {
  const less = (size: KiB): KiB => KiB(Math.max(0, size - held));
  return {
    time,
    total: algorithm === 'mom' ? KiB(Math.min(total, limit?.limit ?? total)) : capacity,
    ...(free !== undefined && { free: less(free) }),
    ...(available !== undefined && { available: less(available) }),
    ...(stall !== undefined && { stall }),
  };
}
