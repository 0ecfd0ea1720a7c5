import type { SlotRule } from '../domain-xml/slots.ts';
import type { Domain, MemoryDevice } from '../domain-xml/types.ts';
import { floorMiB, KiB, toKiB } from '../common/units.ts';
import { providedMemory, wholeBlocks } from './virtioMem.ts';
import { memoryBlock, plugObstacle, sizeText } from './plugChecks.ts';
import type { Obstacle } from './resizePlan.ts';

/** Options for plugging DIMMs. */
export interface DimmOptions {
  /** Plugs the first block as a DIMM of its own, for guests that can bring only one block online as movable at first. */
  readonly splitFirstBlock: boolean;
  readonly slotRule: SlotRule;
}

/** The memory to add to a VM, in KiB, and the part of it that its virtio-mem devices have room for. */
export interface Growth {
  readonly increment: KiB;
  readonly room: KiB;
}

/** The sizes of the DIMMs to plug, in order, and warnings for the client. */
export interface Dimms {
  readonly sizes: readonly KiB[];
  readonly warnings: readonly string[];
}

/**
 * Returns the DIMMs for the increment beyond virtio-mem's room, rounded up to whole blocks, or down where rounding up
 * would exceed the VM's maximum memory.
 */
export function dimmsToPlug(
  domain: Domain,
  { increment, room }: Growth,
  { splitFirstBlock, slotRule }: DimmOptions,
): Dimms | Obstacle {
  if (increment <= room) return { sizes: [], warnings: [] };
  const block = toKiB(memoryBlock(domain.arch));
  // without a maximum, obstacleTo below refuses every DIMM
  const maximum = domain.maxMemory?.size ?? Infinity;
  const headroom = Math.max(0, maximum - domain.memory);
  const full = KiB(providedMemory(domain) + room);
  if (increment - room > headroom) {
    return { obstacle: tooMuch(domain, increment, KiB(full + headroom)) };
  }
  const rounded = wholeBlocks(increment - room + block - 1, block);
  const size = KiB(Math.min(rounded, wholeBlocks(headroom, block)));
  const dimms =
    size > 0 ? intoSlots({ ...domain, slotRule }, splitFirstBlock ? block : size, size) : NONE;
  if ('obstacle' in dimms) {
    return {
      obstacle: `${dimms.obstacle}; ask for ${floorMiB(full)} MiB or less, or change that for the VM's next start`,
    };
  }
  if (size === rounded) return dimms;
  const most = `no more than ${sizeText(KiB(full + size))} fit below the VM's maximum of ${sizeText(KiB(maximum))}, since DIMMs come in blocks of ${sizeText(block)}`;
  return room + size > 0 ?
      { ...dimms, warnings: [most, ...dimms.warnings] }
    : { obstacle: `${most}; ask for that or less` };
}

/** A domain, and libvirt's rule for its slots. */
type Ruled = Domain & Pick<DimmOptions, 'slotRule'>;

const NONE: Dimms = { sizes: [], warnings: [] };

/** Returns one DIMM of `size`; two, with `first` split off, unless the VM has a DIMM of that size already. */
function intoSlots(domain: Ruled, first: KiB, size: KiB): Dimms | Obstacle {
  const whole = obstacleTo(domain, [size]);
  if (whole !== undefined) return { obstacle: whole };
  const hasFirst = domain.memoryDevices.some((d) => d.model === 'dimm' && d.size === first);
  if (hasFirst || first === size) return { sizes: [size], warnings: [] };
  const parts = [first, KiB(size - first)];
  const why = obstacleTo(domain, parts);
  if (why === undefined) return { sizes: parts, warnings: [] };
  return {
    sizes: [size],
    warnings: [`the first block is not plugged as a DIMM of its own: ${why}`],
  };
}

/** Returns why these DIMMs cannot be plugged one after the other; undefined if they can. */
function obstacleTo(domain: Ruled, sizes: readonly KiB[]): string | undefined {
  const [size, ...others] = sizes;
  if (size === undefined) return undefined;
  const device: MemoryDevice = { model: 'dimm', size, node: 0 };
  const after: Ruled = {
    ...domain,
    memory: KiB(domain.memory + size),
    memoryDevices: [...domain.memoryDevices, device],
  };
  return plugObstacle(domain, device, domain.slotRule) ?? obstacleTo(after, others);
}

/** Other memory devices count towards the maximum, but not towards the VM's provided memory. */
function tooMuch(domain: Domain, increment: KiB, most: KiB): string {
  const wish = sizeText(KiB(providedMemory(domain) + increment));
  const maximum = domain.maxMemory?.size ?? most;
  const others = maximum > most ? `, ${sizeText(KiB(maximum - most))} of it for other devices` : '';
  return `${wish} would exceed the VM's maximum of ${sizeText(maximum)}${others}; ask for ${floorMiB(most)} MiB or less`;
}
