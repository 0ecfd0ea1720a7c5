import type { Domain, MemoryDevice } from '../domain-xml/types.ts';
import { floorMiB, KiB, MiB, toKiB } from '../common/units.ts';

/** Smallest step of pluggable memory: 128 MiB, on POWER 256 MiB (as the engine: common/businessentities/ArchitectureType). */
export const memoryBlock = (arch: string): MiB => MiB(arch.startsWith('ppc') ? 256 : 128);

/** Why this device cannot be plugged into this domain, for people; undefined when it can. */
export function plugObstacle(domain: Domain, device: MemoryDevice): string | undefined {
  const block = memoryBlock(domain.arch);
  if (device.size <= 0 || device.size % toKiB(block) !== 0) {
    return `the size must be a positive multiple of ${String(block)} MiB, not ${sizeText(device.size)}`;
  }
  if (!domain.maxMemory) {
    return 'the VM was started without maximum memory and slots (maxMemSize, maxMemSlots)';
  }
  if (domain.numaCells === 0) {
    return 'the VM was started without a NUMA cell to plug memory into';
  }
  if (device.node < 0 || device.node >= domain.numaCells) {
    return `the VM has no NUMA node ${String(device.node)}; give one below ${String(domain.numaCells)}`;
  }
  if (domain.memoryDevices.length >= domain.maxMemory.slots) {
    return `all ${String(domain.maxMemory.slots)} memory slots are in use`;
  }
  const after = domain.memory + device.size;
  if (after > domain.maxMemory.size) {
    return `${String(floorMiB(KiB(after)))} MiB would exceed the VM's maximum of ${String(floorMiB(domain.maxMemory.size))} MiB`;
  }
  return undefined;
}

/** A size as people read it: in MiB where that is exact. */
export const sizeText = (size: KiB): string =>
  size % 1024 === 0 ? `${String(size / 1024)} MiB` : `${String(size)} KiB`;

/** How a client may name a plugged device; what it leaves out is not compared. */
export interface DeviceWish {
  readonly alias?: string;
  readonly slot?: number;
  readonly base?: string;
  readonly size?: KiB;
  readonly node?: number;
}

/**
 * The plugged device meant: by alias first, then by address, and by size and node only where neither was given, DIMMs
 * before others. An alias that no device has stands for a device that is gone, unless base and size both say which one
 * it was: a request repeated after its device is gone never takes another one.
 */
export function findDevice(
  devices: readonly MemoryDevice[],
  wish: DeviceWish,
): MemoryDevice | undefined {
  const { alias, slot, base, size, node } = wish;
  const sizeFits = (d: MemoryDevice): boolean => size === undefined || d.size === size;
  if (alias !== undefined) {
    const named = devices.find((d) => d.alias === alias);
    if (named) return named;
    if (base === undefined || size === undefined) return undefined;
  }
  if (slot !== undefined || base !== undefined) {
    return devices.find((d) => isAt(d, slot, base) && sizeFits(d));
  }
  if (size === undefined) return undefined;
  const fitting = devices.filter((d) => d.size === size && (node === undefined || d.node === node));
  return fitting.find(({ model }) => model === 'dimm') ?? fitting[0];
}

const isAt = ({ address }: MemoryDevice, slot?: number, base?: string): boolean =>
  address !== undefined &&
  (slot === undefined || slot === address.slot) &&
  (base === undefined || (address.base !== undefined && place(base) === place(address.base)));

/** An address in one form, whether it was written with hexadecimal or with decimal digits. */
const place = (base: string): string =>
  /^(0x[\da-f]+|\d+)$/i.test(base) ? BigInt(base).toString() : base;
