import type { Domain, MemoryDevice } from '../domain-xml/types.ts';
import { floorMiB, KiB, toKiB } from '../common/units.ts';

/** The range of a balloon target in KiB: from the floor to the memory. */
export interface BalloonRange {
  readonly floor: KiB;
  readonly memory: KiB;
  /** Undefined if the floor is the default one. */
  readonly guaranteed?: KiB | undefined;
}

/** What limits a target: the VM's guarantee, the default floor, or its memory. */
export type Bound = 'guarantee' | 'floor' | 'memory';

export interface ClampedTarget {
  readonly target: KiB;
  /** What limited the wish, and that as a text for users; absent if nothing did. */
  readonly bound?: Bound;
  readonly reason?: string;
}

/** libvirt refuses a target of 0. */
const LEAST = KiB(1);

/** Returns the target nearest to `wish` within the range. */
export function clampTarget(wish: KiB, range: BalloonRange): ClampedTarget {
  const { memory, guaranteed } = range;
  if (wish > memory) {
    const reason = `the balloon can leave ${String(memory)} KiB at most`;
    return { target: memory, bound: 'memory', reason };
  }
  const floor = KiB(Math.min(Math.max(range.floor, LEAST), memory));
  if (wish >= floor) return { target: wish };
  const bound = guaranteed === undefined ? 'floor' : 'guarantee';
  return { target: floor, bound, reason: `${String(floor)} KiB ${whyNotLess(floor, bound)}` };
}

function whyNotLess(floor: KiB, bound: 'guarantee' | 'floor'): string {
  if (floor === LEAST) return 'is the least that any VM is left';
  return bound === 'guarantee' ?
      'are guaranteed to the VM; lower that with VM.setGuaranteedMemory'
    : 'are the least for a VM without a guarantee ([memory] floor_mib and floor_percent); a guarantee by VM.setGuaranteedMemory can be lower';
}

/**
 * Returns the target that keeps the balloon's size when a plug or unplug changes the memory: QEMU counts the logical
 * size as RAM plus DIMMs minus balloon.
 */
export const carriedTarget = (target: KiB, before: KiB, after: BalloonRange): KiB =>
  clampTarget(KiB(Math.max(0, target + after.memory - before)), after).target;

/** Returns the memory that a balloon acts on: RAM and DIMMs. QEMU's logical size excludes other memory devices. */
export const balloonableMemory = ({ memory, memoryDevices }: Domain): KiB =>
  memoryDevices.reduce(
    (rest, { model, size }) => (model === 'dimm' ? rest : KiB(rest - size)),
    memory,
  );

/** Returns what the balloon leaves: the XML's currentMemory without what virtio-mem devices provide now. */
export const balloonCurrent = (domain: Domain): KiB =>
  KiB(Math.max(0, domain.currentMemory - virtioMemGiven(domain.memoryDevices)));

/** Returns the memory that the guest can use: RAM, DIMMs and what virtio-mem devices provide now. */
export const usableMemory = (domain: Domain): KiB =>
  KiB(balloonableMemory(domain) + virtioMemGiven(domain.memoryDevices));

/** Returns what virtio-mem devices provide now, in KiB. */
export const virtioMemGiven = (devices: readonly MemoryDevice[]): number =>
  devices.reduce((sum, { virtioMem }) => sum + (virtioMem?.current ?? 0), 0);

/** Returns what virtio-mem devices are to provide, in KiB: more than {@link virtioMemGiven} while guests still plug. */
export const virtioMemRequested = (devices: readonly MemoryDevice[]): number =>
  devices.reduce((sum, { virtioMem }) => sum + (virtioMem?.requested ?? 0), 0);

/** Returns the memory rounded down to whole MiB, in KiB, as VDSM reports it (virt/vm.py). */
export const wholeMiB = (memory: KiB): KiB => toKiB(floorMiB(memory));
