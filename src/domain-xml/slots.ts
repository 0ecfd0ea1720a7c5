import type { MemoryDevice } from './types.ts';

/** Which memory devices take one of `<maxMemory>`'s slots: each one in libvirt before 9.5, only DIMMs and NVDIMMs since. */
export type SlotRule = 'all-devices' | 'dimms';

const SLOTLESS_DEVICES_SINCE = 9_005_000;

/** Returns the rule of a libvirt; `version` is MAJOR × 1 000 000 + MINOR × 1 000 + RELEASE. */
export const slotRuleOf = (version: number): SlotRule =>
  version < SLOTLESS_DEVICES_SINCE ? 'all-devices' : 'dimms';

/** Returns whether the device takes a slot. */
export const takesSlot = ({ model }: Pick<MemoryDevice, 'model'>, rule: SlotRule): boolean =>
  rule === 'all-devices' || model === 'dimm' || model === 'nvdimm';

/** Returns how many slots the devices take. */
export const slotsTaken = (
  devices: readonly Pick<MemoryDevice, 'model'>[],
  rule: SlotRule,
): number => devices.filter((device) => takesSlot(device, rule)).length;
