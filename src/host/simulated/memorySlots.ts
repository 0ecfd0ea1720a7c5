import { isUserAlias } from '../../domain-xml/alias.ts';
import { type SlotRule, slotsTaken, takesSlot } from '../../domain-xml/slots.ts';
import type { Domain, VirtioMem, MemoryDevice } from '../../domain-xml/types.ts';
import { KiB } from '../../common/units.ts';
import { HypervisorError } from '../hypervisor.ts';

const MIB = 1024;
const GIB = 1024 * MIB;
/** q35's memory layout: from 2.75 GiB on, what exceeds 2 GiB goes above 4 GiB; devices follow at the next GiB. */
const LARGEST_LOW = 2.75 * GIB;
const SPLIT_LOW = 2 * GIB;
const ABOVE = 4 * GIB;
const ALIGNMENT = 2 * MIB;

/** A memory device with alias, and for a DIMM with its address. */
export type PluggedDevice = MemoryDevice & Required<Pick<MemoryDevice, 'alias'>>;

/** `<memory>` minus the memory devices. */
export const bootMemoryOf = ({ memory, memoryDevices }: Domain): KiB =>
  KiB(memoryDevices.reduce<number>((rest, { size }) => rest - size, memory));

/**
 * Returns the device with an alias, and a DIMM with slot and base address, as libvirt and QEMU assign them. Throws
 * `invalid`, `refused` or `unsupported`, with libvirt's messages.
 */
export function placed(
  domain: Domain,
  { alias: given, ...device }: MemoryDevice,
  rule: SlotRule,
): PluggedDevice {
  check(domain, device, rule);
  const slot = isSlotted(device) ? slotFor(domain, device) : undefined;
  const alias = given !== undefined && isUserAlias(given) ? given : freeAlias(domain, slot);
  if (domain.memoryDevices.some((other) => other.alias === alias)) {
    throw unsupported(`non unique alias detected: ${alias}`);
  }
  if (slot === undefined) return { ...device, alias };
  const base = device.address?.base ?? `0x${(freeBase(domain, device.size) * 1024).toString(16)}`;
  return { ...device, alias, address: { slot, base } };
}

/** Returns the devices of a domain, placed one after the other. */
export const allPlaced = (domain: Domain, rule: SlotRule): readonly PluggedDevice[] =>
  domain.memoryDevices.reduce<readonly PluggedDevice[]>((before, device) => {
    const memory = before.reduce((sum, { size }) => KiB(sum + size), bootMemoryOf(domain));
    return [...before, placed({ ...domain, memory, memoryDevices: before }, device, rule)];
  }, []);

/** Returns the size of a device that is plugged into a running domain; throws `failed` for one that QEMU refuses. */
export function attachedSize(size: KiB): KiB {
  const whole = KiB(Math.ceil(size / MIB) * MIB);
  if (whole % ALIGNMENT === 0) return whole;
  throw new HypervisorError(
    'failed',
    "internal error: unable to execute QEMU command 'device_add': backend memory size must be multiple of 0x200000",
  );
}

function check(
  { maxMemory, memory, memoryDevices, numaCells }: Domain,
  device: MemoryDevice,
  rule: SlotRule,
): void {
  const { model, size, node, virtioMem } = device;
  if (model !== 'dimm' && model !== 'virtio-mem') {
    throw new HypervisorError(
      'unsupported',
      `unsupported configuration: memory device model '${model}' is not supported here, use dimm or virtio-mem`,
    );
  }
  if (model === 'virtio-mem') checkVirtioMem(size, virtioMem);
  if (size <= 0) throw new HypervisorError('invalid', 'XML error: memory device has no size');
  if (!maxMemory) {
    throw unsupported("cannot use/hotplug a memory device when domain 'maxMemory' is not defined");
  }
  if (numaCells === 0) {
    throw unsupported('At least one numa node has to be configured when enabling memory hotplug');
  }
  if (node < 0 || node >= numaCells) {
    throw unsupported(
      `can't add memory backend for guest node '${String(node)}' as the guest has only '${String(numaCells)}' NUMA nodes configured`,
    );
  }
  const taken = slotsTaken(memoryDevices, rule);
  if (takesSlot(device, rule) && taken >= maxMemory.slots) {
    throw unsupported(
      `memory device count '${String(taken + 1)}' exceeds slots count '${String(maxMemory.slots)}'`,
    );
  }
  if (memory + size > maxMemory.size) {
    throw new HypervisorError(
      'refused',
      `Requested operation is not valid: Attaching memory device with size '${String(size)}' would exceed domain's maxMemory config size '${String(maxMemory.size)}'`,
    );
  }
}

const unsupported = (reason: string): HypervisorError =>
  new HypervisorError('invalid', `unsupported configuration: ${reason}`);

/** Whether a device occupies a slot and has a base address. */
const isSlotted = ({ model }: Pick<MemoryDevice, 'model'>): boolean => model === 'dimm';

/** Checks libvirt's rules for the configuration of a virtio-mem device; throws `invalid`. */
export function checkVirtioMem(size: KiB, virtioMem: VirtioMem | undefined): void {
  const { block = 0, requested = 0 } = virtioMem ?? {};
  const wrong =
    !isPowerOfTwo(block) ? 'block size must be a power of two'
    : requested > size ? 'requested size must be smaller than or equal to @size'
    : requested < 0 || requested % block !== 0 ?
      'requested size must be an integer multiple of block size'
    : undefined;
  if (wrong) throw new HypervisorError('invalid', `XML error: ${wrong}`);
}

/** Checks the rule of QEMU that libvirt leaves to the start; throws `failed`. */
export function checkBlocks({ size, virtioMem }: MemoryDevice): void {
  if (!virtioMem || size % virtioMem.block === 0) return;
  throw new HypervisorError(
    'failed',
    "internal error: QEMU unexpectedly closed the monitor: 'memdev' property specifies a backend whose size is not a multiple of the block size",
  );
}

const isPowerOfTwo = (n: number): boolean => n > 0 && Number.isInteger(Math.log2(n));

function slotFor({ memoryDevices, maxMemory }: Domain, { address }: MemoryDevice): number {
  const taken = new Set(memoryDevices.map((other) => other.address?.slot));
  const slot = address?.slot ?? firstFree((n) => taken.has(n));
  if (taken.has(slot) || slot >= (maxMemory?.slots ?? 0)) {
    throw unsupported(`memory device slot '${String(slot)}' is already in use or out of range`);
  }
  return slot;
}

/** A DIMM is named by its slot, a virtio-mem device by the number after the highest in use. */
function freeAlias({ memoryDevices }: Domain, slot: number | undefined): string {
  if (slot !== undefined) return `dimm${String(slot)}`;
  const numbers = memoryDevices.map(({ alias = '' }) => /^virtiomem(\d+)$/.exec(alias)?.[1]);
  return `virtiomem${String(Math.max(-1, ...numbers.map((n) => Number(n ?? -1))) + 1)}`;
}

function firstFree(isTaken: (n: number) => boolean): number {
  let n = 0;
  while (isTaken(n)) n++;
  return n;
}

/** The lowest gap in the device memory region, in KiB. */
function freeBase(domain: Domain, size: KiB): number {
  const boot = bootMemoryOf(domain);
  const high = boot >= LARGEST_LOW ? boot - SPLIT_LOW : 0;
  let base = roundUp(ABOVE + high, GIB);
  const taken = domain.memoryDevices
    .map((device) => ({ from: Number(device.address?.base ?? NaN) / 1024, size: device.size }))
    .filter(({ from }) => !Number.isNaN(from))
    .sort((a, b) => a.from - b.from);
  for (const other of taken) {
    if (base + size <= other.from) break;
    base = Math.max(base, roundUp(other.from + other.size, ALIGNMENT));
  }
  return base;
}

const roundUp = (n: number, step: number): number => Math.ceil(n / step) * step;
