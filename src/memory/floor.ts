import { KiB, type MiB, toKiB } from '../common/units.ts';
import { wholeMiB } from './balloon.ts';

/** The configured policy for balloons of VMs without a guarantee. */
export interface BalloonPolicy {
  /** The least that ballooning leaves to such a VM, */
  readonly floor: MiB;
  /** or this part of its memory, in percent, if that is more; twice as much for a balloon without autodeflate. */
  readonly floorPercent: number;
  /** Whether VMs of other programs are ballooned without a guarantee or a target. */
  readonly external: boolean;
}

/** What the floor of a VM depends on. */
export interface Ballooned {
  readonly memory: KiB;
  readonly guaranteed: KiB | undefined;
  /** Whether the guest takes memory back from the balloon before it runs out of memory. */
  readonly autodeflate: boolean;
}

/** Returns the least that ballooning leaves to a VM: its guarantee; without one the default floor, at most its memory. */
export function floorOf(
  { memory, guaranteed, autodeflate }: Ballooned,
  { floor, floorPercent }: BalloonPolicy,
): KiB {
  if (guaranteed !== undefined) return guaranteed;
  const percent = autodeflate ? floorPercent : WITHOUT_AUTODEFLATE * floorPercent;
  const part = wholeMiB(KiB((memory * percent) / 100));
  return KiB(Math.min(wholeMiB(memory), Math.max(toKiB(floor), part)));
}

/** Linux 6.1 of 1 GiB without autodeflate panics at 133 MiB. */
const WITHOUT_AUTODEFLATE = 2;
