import type { MemoryDevice } from '../domain-xml/types.ts';
import { virtioMemGiven } from './balloon.ts';
import { isSameDevice } from './identity.ts';

type NamedDevice = MemoryDevice & { readonly alias: string };

/** How two lists of memory devices differ. */
export interface DeviceDifference {
  readonly came: readonly NamedDevice[];
  readonly went: readonly NamedDevice[];
  /** How many KiB virtio-mem devices give more. */
  readonly grown: number;
}

/** The difference from one list of memory devices to another; devices without an alias are left out. */
export const deviceDifference = (
  before: readonly MemoryDevice[],
  now: readonly MemoryDevice[],
): DeviceDifference => ({
  came: without(now, before),
  went: without(before, now),
  grown: virtioMemGiven(now) - virtioMemGiven(before),
});

/** Those that are not among `others`; an alias may have passed to another device. */
const without = (
  devices: readonly MemoryDevice[],
  others: readonly MemoryDevice[],
): readonly NamedDevice[] =>
  devices.flatMap((device) => {
    const { alias } = device;
    const isThere = others.some((other) => isSameDevice(other, device));
    return alias === undefined || isThere ? [] : [{ ...device, alias }];
  });
