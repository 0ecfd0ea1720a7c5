import type { MemoryDevice } from '../domain-xml/types.ts';
import type { DeviceStep } from './operation.ts';

/** Whether both are one device, as far as a domain shows: an alias can pass to another device. */
export const isSameDevice = (one: MemoryDevice, other: MemoryDevice): boolean =>
  one.alias === other.alias &&
  one.size === other.size &&
  isSameBase(one.address?.base, other.address?.base);

/** A text that differs for different devices, as far as a domain shows. */
export const deviceKey = ({ alias = '', size, address }: MemoryDevice): string =>
  [alias, size, address?.base ?? ''].join(' ');

/** The place of a device, as steps record it. */
export const baseOf = (device: MemoryDevice | undefined): { readonly base?: string } => {
  const base = device?.address?.base;
  return base === undefined ? {} : { base };
};

/** Whether a step is about this device, and not about an earlier one of the same alias. */
export const isAbout = (step: DeviceStep, device: MemoryDevice): boolean =>
  step.alias !== undefined &&
  step.alias === device.alias &&
  (step.kind === 'resize' ||
    (step.size === device.size && isSameBase(step.base, device.address?.base)));

/** The device that a step is about; undefined if it is gone, whichever device has its alias now. */
export const deviceOf = (
  devices: readonly MemoryDevice[],
  step: DeviceStep,
): MemoryDevice | undefined => devices.find((device) => isAbout(step, device));

/** An unknown place matches every place. */
const isSameBase = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one === other;
