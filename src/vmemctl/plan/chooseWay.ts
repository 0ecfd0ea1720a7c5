import { KiB } from '../../common/units.ts';

/** A VM's memory, in KiB, as far as the choice depends on it. */
export interface Present {
  /** Boot memory and all devices. */
  readonly memory: KiB;
  /** The part that the balloon acts on: without virtio-mem. */
  readonly maximum: KiB;
  /** What the balloon is to leave of it. */
  readonly target: KiB;
  /** Whether a balloon target can be set. */
  readonly isBallooned: boolean;
}

/** How a size is reached; targets are in KiB. */
export type Way =
  /** By plugging devices, then by giving back what the balloon holds, where it holds some. */
  | { readonly by: 'devices'; readonly direction: 'grow'; readonly target?: KiB }
  /** By unplugging devices; `target`: what the balloon would have to leave instead. */
  | { readonly by: 'devices'; readonly direction: 'shrink'; readonly target?: KiB }
  | { readonly by: 'balloon'; readonly direction: 'grow' | 'shrink'; readonly target: KiB }
  | { readonly by: 'nothing' };

/** Sizes that differ by less are the same: libvirt and QEMU round to MiB. */
const SAME = 1024;

/**
 * Returns how a guest gets `wanted` KiB. Devices are plugged only for more than the VM has: up to that the balloon
 * gives back what it holds. For less, a balloon that holds some already holds more, at once and until it is wanted back;
 * otherwise devices are unplugged.
 */
export function chooseWay(wanted: KiB, present: Present): Way {
  const { memory, maximum, target, isBallooned } = present;
  const outside = memory - maximum;
  const held = maximum - target;
  const isHolding = isBallooned && held >= SAME;
  if (wanted > memory) {
    return {
      by: 'devices',
      direction: 'grow',
      ...(isHolding && { target: KiB(wanted - outside) }),
    };
  }
  const has = target + outside;
  if (Math.abs(wanted - has) < SAME) return { by: 'nothing' };
  const wish = KiB(wanted - outside);
  if (wanted > has) {
    return isBallooned ? { by: 'balloon', direction: 'grow', target: wish } : { by: 'nothing' };
  }
  if (isHolding && wish > 0) return { by: 'balloon', direction: 'shrink', target: wish };
  return {
    by: 'devices',
    direction: 'shrink',
    ...(isBallooned && wish > 0 && { target: wish }),
  };
}
