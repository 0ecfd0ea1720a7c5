import { KiB } from '../common/units.ts';
import type { MemoryDevice } from '../domain-xml/types.ts';
import { type DeviceState, deviceState, type OperationLog, plugOf } from './deviceState.ts';

/** What a guest should do with a device and has not done: use it, or give it back. */
export type Pending = Extract<DeviceState, 'not-online' | 'unplugging'>;

/**
 * The memory of the devices in that state; of a virtio-mem device the difference to what was requested. Undefined if
 * none is known to be, and that is not known of all of them.
 */
export function pendingMemory(
  state: Pending,
  devices: readonly MemoryDevice[],
  log: OperationLog,
): KiB | undefined {
  const pending = devices.filter((device) => deviceState(log, device).state === state);
  const isUnknown = devices.some((device) => isUncertain(state, device, log));
  if (pending.length === 0 && isUnknown) return undefined;
  return pending.reduce((total, device) => KiB(total + pendingOf(device)), KiB(0));
}

/** Another program plugged the device, or the balloon hid whether the guest uses it. */
function isUncertain(state: Pending, device: MemoryDevice, log: OperationLog): boolean {
  if (device.virtioMem || deviceState(log, device).state !== 'plugged') return false;
  const step = plugOf(log.operations, device)?.step;
  return !step || (state === 'not-online' && step.isUnverified === true);
}

const pendingOf = ({ size, virtioMem }: MemoryDevice): number =>
  virtioMem ? Math.abs(virtioMem.requested - virtioMem.current) : size;
