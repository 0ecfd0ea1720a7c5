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

/** Returns the host's figures for a round. */
export function hostFigures(
  pressure: HostPressure,
  { algorithm, time, held }: HostContext,
): HostFigures {
  const { free, available, stall } = pressure;
  const less = (size: KiB): KiB => KiB(Math.max(0, size - held));
  return {
    time,
    total: measuredTotal(pressure, algorithm),
    ...(free !== undefined && { free: less(free) }),
    ...(available !== undefined && { available: less(available) }),
    ...(stall !== undefined && { stall }),
  };
}

/**
 * Returns the memory that a policy's shares are of. MoM measures against the host's whole memory, huge pages included.
 */
export const measuredTotal = (
  { total, capacity, limit }: HostPressure,
  algorithm: Algorithm,
): KiB => (algorithm === 'mom' ? KiB(Math.min(total, limit?.limit ?? total)) : capacity);
