import type { MemoryDevice } from '../domain-xml/types.ts';
import { KiB } from '../units.ts';
import { type DeviceState, deviceState, elasticState } from './deviceState.ts';
import { type MemoryJob, newestChange } from './jobs.ts';

/** What a guest should do about its devices and has not done: use them, or give them back. */
export type Owed = Extract<DeviceState, 'not-online' | 'unplugging'>;

/** How much memory stands so; of a virtio-mem device that is what it is short of, or has too much. */
export const memoryOwed = (
  state: Owed,
  devices: readonly MemoryDevice[],
  jobs: readonly MemoryJob[],
): KiB => KiB(devices.reduce((total, device) => total + owedOf(device, jobs, state), 0));

function owedOf(
  { alias = '', size, elastic }: MemoryDevice,
  jobs: readonly MemoryJob[],
  state: Owed,
): number {
  if (!elastic) return deviceState(jobs, alias).state === state ? size : 0;
  const resize = newestChange(jobs, alias, 'resize')?.change.state;
  const isOwed = elasticState(elastic, resize) === state;
  return isOwed ? Math.abs(elastic.requested - elastic.current) : 0;
}
