import type { Domain, MemoryDevice } from '../domain-xml/types.ts';
import { floorMiB, KiB, toKiB } from '../common/units.ts';

/** Between what a balloon target may lie: never below the guarantee, never above the memory. */
export interface BalloonRange {
  readonly guaranteed: KiB;
  readonly memory: KiB;
}

export interface ClampedTarget {
  readonly target: KiB;
  /** Why the target differs from the wish; absent where it does not. */
  readonly reason?: string;
}

/** libvirt refuses a target of nothing. */
const LEAST = KiB(1);

/** The target nearest to `wish` that keeps the guarantee and fits the memory. */
export function clampTarget(wish: KiB, { guaranteed, memory }: BalloonRange): ClampedTarget {
  if (wish > memory) {
    return { target: memory, reason: `the balloon can leave ${String(memory)} KiB at most` };
  }
  const floor = KiB(Math.min(Math.max(guaranteed, LEAST), memory));
  if (wish < floor) {
    const why = floor === LEAST ? 'is the least that any VM is left' : 'are guaranteed to the VM';
    return { target: floor, reason: `${String(floor)} KiB ${why}` };
  }
  return { target: wish };
}

/**
 * The target that keeps the balloon's size, not the number, when plugging or unplugging changes the memory:
 * QEMU counts the logical size as RAM plus DIMMs minus balloon.
 */
export const carriedTarget = (target: KiB, before: KiB, after: BalloonRange): KiB =>
  clampTarget(KiB(Math.max(0, target + after.memory - before)), after).target;

/** Memory that a balloon acts on: RAM and DIMMs; QEMU leaves other memory devices out of the logical size. */
export const balloonableMemory = (domain: Domain): KiB =>
  domain.memoryDevices
    .filter(({ model }) => model !== 'dimm')
    .reduce((rest, { size }) => KiB(rest - size), domain.memory);

/** What the balloon leaves, by the domain's XML, which counts what virtio-mem devices give now as well. */
export const balloonCurrent = (domain: Domain): KiB =>
  KiB(Math.max(0, domain.currentMemory - virtioMemGiven(domain.memoryDevices)));

/** All that the guest can use: RAM and DIMMs, and what virtio-mem devices give now. */
export const usableMemory = (domain: Domain): KiB =>
  KiB(balloonableMemory(domain) + virtioMemGiven(domain.memoryDevices));

/** What virtio-mem devices give now. */
export const virtioMemGiven = (devices: readonly MemoryDevice[]): number =>
  devices.reduce((sum, { virtioMem }) => sum + (virtioMem?.current ?? 0), 0);

/** The same memory without its broken MiB, as VDSM reports it (virt/vm.py), in KiB. */
export const wholeMiB = (memory: KiB): KiB => toKiB(floorMiB(memory));
