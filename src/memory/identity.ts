import type { MemoryDevice } from '../domain-xml/types.ts';
import type { MemoryChange } from './jobs.ts';

/** Whether they are one device, as far as a domain shows: another may have the alias of one that is gone. */
export const isSameDevice = (one: MemoryDevice, other: MemoryDevice): boolean =>
  one.alias === other.alias &&
  one.size === other.size &&
  isSameBase(one.address?.base, other.address?.base);

/** Where a device is, as a change of it keeps that. */
export const baseOf = (device: MemoryDevice | undefined): Pick<MemoryChange, 'base'> => {
  const base = device?.address?.base;
  return base === undefined ? {} : { base };
};

/** Whether a change is about this device, and not about one before it that had its alias. */
export const isAbout = (
  { action, alias, size, base }: MemoryChange,
  device: MemoryDevice,
): boolean =>
  alias === device.alias &&
  (action === 'resize' || size === device.size) &&
  isSameBase(base, device.address?.base);

/** Where it is not told, devices do not differ in it. */
const isSameBase = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one === other;
