import { isUserAlias } from '../domain-xml/alias.ts';
import { type SlotRule, slotsTaken, takesSlot } from '../domain-xml/slots.ts';
import type { Domain, MemoryDevice } from '../domain-xml/types.ts';
import { floorMiB, KiB, MiB, toKiB } from '../common/units.ts';
import { unitSlip } from '../common/unitSlip.ts';

/** Returns the block size of pluggable memory: 128 MiB, on POWER 256 MiB (as the engine: common/businessentities/ArchitectureType). */
export const memoryBlock = (arch: string): MiB => MiB(arch.startsWith('ppc') ? 256 : 128);

/** Returns why this device cannot be plugged into this domain, as a text for users; undefined if it can. */
export function plugObstacle(
  domain: Domain,
  device: MemoryDevice,
  slotRule: SlotRule,
): string | undefined {
  const { alias } = device;
  if (!isFree(domain, alias)) {
    return `the VM has a memory device ${String(alias)} already; give another alias, or none`;
  }
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
  const { slots, size: maximum } = domain.maxMemory;
  if (!hasSlotFor(domain, device, slotRule)) {
    return slots === 0 ? NO_SLOTS : `all ${String(slots)} memory slots are in use`;
  }
  const after = domain.memory + device.size;
  if (after > maximum) {
    const most = floorMiB(maximum);
    const slip = unitSlip(floorMiB(device.size), { unit: 'MiB', least: block, most });
    const advice = slip === undefined ? '' : `; sizes are in MiB, ${slip}`;
    return `${String(floorMiB(KiB(after)))} MiB would exceed the VM's maximum of ${String(most)} MiB${advice}`;
  }
  return undefined;
}

const NO_SLOTS = 'the VM was started without memory slots (maxMemSlots)';

const hasSlotFor = (
  { maxMemory, memoryDevices }: Domain,
  device: MemoryDevice,
  rule: SlotRule,
): boolean => !takesSlot(device, rule) || slotsTaken(memoryDevices, rule) < (maxMemory?.slots ?? 0);

/** Returns whether libvirt replaces an alias by one of its own choice, or no other device has it. */
const isFree = ({ memoryDevices }: Domain, alias: string | undefined): boolean =>
  !isUserAlias(alias) || memoryDevices.every((other) => other.alias !== alias);

/** Returns a size as text: in MiB where that is exact, else in KiB. */
export const sizeText = (size: KiB): string =>
  size % 1024 === 0 ? `${String(size / 1024)} MiB` : `${String(size)} KiB`;

/** The properties by which a client names a plugged device; absent ones are not compared. */
export interface DeviceWish {
  readonly alias?: string;
  readonly slot?: number;
  readonly base?: string;
  readonly size?: KiB;
  readonly node?: number;
}

/**
 * Returns the plugged device that a client names: by alias, else by address, else by size and node, DIMMs before
 * others. An unknown alias finds nothing unless both base and size are given, so that a request repeated after its
 * device is gone never finds another device.
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
  const fitting = devices.filter((d) => d.size === size && (node === undefined || d.node === node));
  return fitting.find(({ model }) => model === 'dimm') ?? fitting[0];
}

const isAt = ({ address }: MemoryDevice, slot?: number, base?: string): boolean =>
  address !== undefined &&
  (slot === undefined || slot === address.slot) &&
  (base === undefined || (address.base !== undefined && place(base) === place(address.base)));

/** Returns an address in one form, from hexadecimal or decimal digits. */
const place = (base: string): string =>
  /^(0x[\da-f]+|\d+)$/i.test(base) ? BigInt(base).toString() : base;
