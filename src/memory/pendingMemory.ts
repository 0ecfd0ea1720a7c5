import { KiB } from '../common/units.ts';
import type { MemoryDevice } from '../domain-xml/types.ts';
import { type DeviceState, deviceState, type OperationLog } from './deviceState.ts';

/** What a guest should do with a device and has not done: use it, or give it back. */
export type Pending = Extract<DeviceState, 'not-online' | 'unplugging'>;

/** The memory of the devices in that state; of a virtio-mem device the difference to what was requested. */
export const pendingMemory = (
  state: Pending,
  devices: readonly MemoryDevice[],
  log: OperationLog,
): KiB =>
  devices
    .filter((device) => deviceState(log, device).state === state)
    .reduce((total, device) => KiB(total + pendingOf(device)), KiB(0));

const pendingOf = ({ size, virtioMem }: MemoryDevice): number =>
  virtioMem ? Math.abs(virtioMem.requested - virtioMem.current) : size;
