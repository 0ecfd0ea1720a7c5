import { KiB } from '../../../common/units.ts';
import type { Guest, GuestVirtioMem } from './guest.ts';
import { sparable } from './guestMemory.ts';

/**
 * Milliseconds between two changes in size; each moves as many whole blocks as the guest's rate allows, at least one.
 */
const STRIDE_TIME = 250;

/** A virtio-mem device at the moment it is plugged. */
export type NewVirtioMem = Pick<GuestVirtioMem, 'alias' | 'size' | 'block' | 'requested'>;

/** Plugs a virtio-mem device, of which nothing is in use yet. */
export function withVirtioMem(
  guest: Guest,
  { alias, size, block, requested }: NewVirtioMem,
): Guest {
  const device = { alias, size, block, requested, current: KiB(0), reported: KiB(0) };
  return withVirtioMemMoves({ ...guest, virtioMems: [...guest.virtioMems, device] });
}

/** Sets a device's requested size. */
export const withVirtioMemRequest = (guest: Guest, alias: string, requested: KiB): Guest =>
  withVirtioMemMoves({
    ...guest,
    virtioMems: guest.virtioMems.map((device) =>
      device.alias === alias ? { ...device, requested } : device,
    ),
  });

/** Schedules a move of each device that can get nearer to its requested size, and none for the others. */
export function withVirtioMemMoves(guest: Guest): Guest {
  if (guest.virtioMems.length === 0) return guest;
  const virtioMems = guest.virtioMems.map((device) => {
    if (reachable(guest, device) === device.current) return resting(device);
    return { ...device, moveAt: device.moveAt ?? guest.age + strideTime(guest, device) };
  });
  return { ...guest, virtioMems };
}

/** Moves the device one stride nearer to its requested size. */
export function withVirtioMemMoved(guest: Guest, device: GuestVirtioMem): Guest {
  const way = reachable(guest, device) - device.current;
  const step = Math.sign(way) * Math.min(Math.abs(way), stride(guest, device));
  return replaced(guest, { ...resting(device), current: KiB(device.current + step) });
}

/** Marks the device's current size as reported to the host. */
export const withSizeReported = (guest: Guest, device: GuestVirtioMem): Guest =>
  replaced(guest, { ...device, reported: device.current });

/** The size nearest to the requested one that the guest can reach now. */
function reachable(guest: Guest, { requested, current, block }: GuestVirtioMem): number {
  const { driver, onlines, unplug } = guest.behaviour;
  if (!guest.booted || !driver) return current;
  if (requested >= current) return onlines ? requested : current;
  if (unplug !== 'gives-back') return current;
  const spare = Math.floor(Math.max(0, sparable(guest)) / block) * block;
  return Math.max(requested, current - spare);
}

const stride = ({ behaviour }: Guest, { block }: GuestVirtioMem): number =>
  Math.max(1, Math.floor((behaviour.virtioMemRate * STRIDE_TIME) / 1000 / block)) * block;

const strideTime = (guest: Guest, device: GuestVirtioMem): number =>
  (stride(guest, device) / guest.behaviour.virtioMemRate) * 1000;

function resting(device: GuestVirtioMem): GuestVirtioMem {
  const { moveAt, ...rest } = device;
  return moveAt === undefined ? device : rest;
}

const replaced = (guest: Guest, device: GuestVirtioMem): Guest => ({
  ...guest,
  virtioMems: guest.virtioMems.map((other) => (other.alias === device.alias ? device : other)),
});
