import type { MemoryDevice } from '../domain-xml/types.ts';
import { KiB } from '../common/units.ts';
import { type DeviceState, deviceState } from './deviceState.ts';
import type { MemoryJob } from './jobs.ts';

/** What a guest should do about its devices and has not done: use them, or give them back. */
export type Owed = Extract<DeviceState, 'not-online' | 'unplugging'>;

/** How much memory stands so; of a virtio-mem device that is what it is short of, or has too much. */
export const memoryOwed = (
  state: Owed,
  devices: readonly MemoryDevice[],
  jobs: readonly MemoryJob[],
): KiB =>
  devices
    .filter((device) => deviceState(jobs, device).state === state)
    .reduce((total, device) => KiB(total + owedOf(device)), KiB(0));

const owedOf = ({ size, virtioMem }: MemoryDevice): number =>
  virtioMem ? Math.abs(virtioMem.requested - virtioMem.current) : size;
