import type { Domain, MemoryDevice } from '../domain-xml/types.ts';
import { floorMiB, KiB, toKiB } from '../common/units.ts';
import { providedMemory, wholeBlocks } from './virtioMem.ts';
import { memoryBlock, plugObstacle, sizeText } from './plug.ts';
import type { Obstacle } from './resizePlan.ts';

/** How DIMMs are to be plugged. */
export interface DimmOptions {
  /** For guests that can bring only one block online as movable at first: that block is a DIMM of its own. */
  readonly splitFirstBlock: boolean;
}

/** How much more memory a VM is to have, and how much of that its virtio-mem devices have room for. */
export interface Growth {
  readonly increment: KiB;
  readonly room: KiB;
}

/** The DIMMs to plug, in order. */
export interface Dimms {
  readonly sizes: readonly KiB[];
  readonly warnings: readonly string[];
}

/** The DIMMs for what virtio-mem has no room for, rounded up to whole blocks unless that is above the maximum. */
export function dimmsToPlug(
  domain: Domain,
  { increment, room }: Growth,
  { splitFirstBlock }: DimmOptions,
): Dimms | Obstacle {
  if (increment <= room) return { sizes: [], warnings: [] };
  const block = toKiB(memoryBlock(domain.arch));
  // where there is no maximum, nothing can be plugged, which is found below
  const maximum = domain.maxMemory?.size ?? Infinity;
  const headroom = Math.max(0, maximum - domain.memory);
  const full = KiB(providedMemory(domain) + room);
  if (increment - room > headroom) {
    return { obstacle: tooMuch(domain, increment, KiB(full + headroom)) };
  }
  const rounded = wholeBlocks(increment - room + block - 1, block);
  const size = KiB(Math.min(rounded, wholeBlocks(headroom, block)));
  const dimms = size > 0 ? intoSlots(domain, splitFirstBlock ? block : size, size) : NONE;
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

const NONE: Dimms = { sizes: [], warnings: [] };

/** The size as one DIMM, or with its `first` part as a DIMM of its own unless the VM has one of that size. */
function intoSlots(domain: Domain, first: KiB, size: KiB): Dimms | Obstacle {
  const whole = obstacleTo(domain, [size]);
  if (whole !== undefined) return { obstacle: whole };
  const hasFirst = domain.memoryDevices.some((d) => d.model === 'dimm' && d.size === first);
  if (hasFirst || first === size) return { sizes: [size], warnings: [] };
  const parts = [first, KiB(size - first)];
  const why = obstacleTo(domain, parts);
  if (why === undefined) return { sizes: parts, warnings: [] };
  return {
    sizes: [size],
    warnings: [`the first block is no DIMM of its own: with it ${why}`],
  };
}

/** Why these DIMMs cannot be plugged one after the other. */
function obstacleTo(domain: Domain, sizes: readonly KiB[]): string | undefined {
  const [size, ...others] = sizes;
  if (size === undefined) return undefined;
  const device: MemoryDevice = { model: 'dimm', size, node: 0 };
  const after: Domain = {
    ...domain,
    memory: KiB(domain.memory + size),
    memoryDevices: [...domain.memoryDevices, device],
  };
  return plugObstacle(domain, device) ?? obstacleTo(after, others);
}

/** Memory of other devices counts for the maximum, but is none that the VM was given. */
function tooMuch(domain: Domain, increment: KiB, most: KiB): string {
  const wish = sizeText(KiB(providedMemory(domain) + increment));
  const maximum = domain.maxMemory?.size ?? most;
  const others = maximum > most ? `, ${sizeText(KiB(maximum - most))} of it for other devices` : '';
  return `${wish} would exceed the VM's maximum of ${sizeText(maximum)}${others}; ask for ${floorMiB(most)} MiB or less`;
}
