import { KiB } from '../common/units.ts';
import { element, find, required, textAt, textOf, type Element } from './element.ts';
import { parseCount, parseSize } from './quantity.ts';
import { DomainXmlError, type DimmAddress, type VirtioMem, type MemoryDevice } from './types.ts';
import { writeXml } from './writeXml.ts';

/** A memory device to write as XML; the model is dimm by default. */
export interface MemoryDeviceDescription {
  readonly model?: string;
  readonly size: KiB;
  readonly node: number;
  readonly alias?: string;
  readonly address?: DimmAddress;
  /** Of virtio-mem; `current` is reported by the hypervisor only. */
  readonly virtioMem?: Omit<VirtioMem, 'current'> & Partial<VirtioMem>;
}

/** Returns a device's `<memory>` element, for attaching and detaching; throws {@link DomainXmlError}. */
export const memoryDeviceXml = (device: MemoryDeviceDescription): string =>
  writeXml(memoryElement(device));

/** Like {@link memoryDeviceXml}, as an element of a domain. */
export const memoryElement = (device: MemoryDeviceDescription): Element => {
  const { model = 'dimm', size, node, alias, address, virtioMem } = device;
  if (!Number.isSafeInteger(size) || size <= 0) {
    throw new DomainXmlError(
      `a memory device of ${String(size)} KiB is not possible; give a size above 0`,
    );
  }
  if (!Number.isSafeInteger(node) || node < 0) {
    throw new DomainXmlError(
      `${String(node)} is not a NUMA node; give a whole number of 0 or more`,
    );
  }
  return element(
    'memory',
    { model },
    element(
      'target',
      {},
      amount('size', size),
      element('node', {}, node),
      amount('block', virtioMem?.block),
      amount('requested', virtioMem?.requested),
      amount('current', virtioMem?.current),
    ),
    alias === undefined ? undefined : element('alias', { name: alias }),
    address && element('address', { type: 'dimm', slot: address.slot, base: address.base }),
  );
};

const amount = (name: string, size: KiB | undefined): Element | undefined =>
  size === undefined ? undefined : element(name, { unit: 'KiB' }, size);

/** Reads a `<memory>` element; throws {@link DomainXmlError}. */
export const memoryDeviceOf = (memory: Element): MemoryDevice => {
  const size = amountOf(memory, 'size');
  if (size === undefined)
    throw new DomainXmlError('the memory device has no <target><size>; give its size');
  const alias = find(memory, 'alias')?.attributes.get('name');
  const address = addressOf(memory);
  const virtioMem = virtioMemOf(memory);
  return {
    model: required(memory, 'model'),
    size,
    node: parseCount(textAt(memory, 'target', 'node') ?? '0', "the memory device's node"),
    ...(alias !== undefined && { alias }),
    ...(address && { address }),
    ...(virtioMem && { virtioMem }),
  };
};

const amountOf = (memory: Element, name: string): KiB | undefined => {
  const found = find(memory, 'target', name);
  const unit = found?.attributes.get('unit');
  return found && parseSize(textOf(found), unit, `the memory device's ${name}`);
};

const virtioMemOf = (memory: Element): VirtioMem | undefined => {
  const block = amountOf(memory, 'block');
  if (memory.attributes.get('model') !== 'virtio-mem' || block === undefined) return undefined;
  // Sizes are counted in blocks. QEMU's driver of libvirt accepts powers of two only, its others also 0.
  if (block === 0) throw new DomainXmlError("the memory device's block is 0; give its size");
  const requested = amountOf(memory, 'requested') ?? KiB(0);
  return { block, requested, current: amountOf(memory, 'current') ?? KiB(0) };
};

const addressOf = (memory: Element): DimmAddress | undefined => {
  const address = find(memory, 'address');
  if (address?.attributes.get('type') !== 'dimm') return undefined;
  const base = address.attributes.get('base');
  return {
    slot: parseCount(required(address, 'slot'), "the memory device's slot"),
    ...(base !== undefined && { base }),
  };
};
