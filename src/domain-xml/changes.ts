import { KiB, type Seconds } from '../common/units.ts';
import { childrenNamed, element, elementsOf, find, place, remove, setText } from './element.ts';
import type { Element } from './element.ts';
import { memoryDeviceOf } from './memoryDevice.ts';
import { sizeAt, vcpusOf } from './parse.ts';
import { DomainXmlError } from './types.ts';

/** Sets a size in KiB in a child of `parent`; adds the child behind `after` if it is missing. */
export const setSize = (
  parent: Element,
  name: string,
  size: KiB,
  ...after: readonly string[]
): void => {
  const present = find(parent, name);
  if (!present) {
    place(parent, element(name, { unit: 'KiB' }, size), ...after);
    return;
  }
  present.attributes.set('unit', 'KiB');
  setText(present, String(size));
};

/** Sets `<memtune><min_guarantee>`. */
export const setMinGuarantee = (domain: Element, size: KiB): void => {
  const memtune = find(domain, 'memtune') ?? element('memtune');
  if (!domain.children.includes(memtune)) {
    place(domain, memtune, 'maxMemory', 'memory', 'currentMemory');
  }
  setSize(memtune, 'min_guarantee', size);
};

/** Removes `<min_guarantee>`, and `<memtune>` if it is empty then. */
export const dropMinGuarantee = (domain: Element): void => {
  for (const memtune of childrenNamed(domain, 'memtune')) {
    for (const guarantee of childrenNamed(memtune, 'min_guarantee')) remove(memtune, guarantee);
    if (elementsOf(memtune).length === 0) remove(domain, memtune);
  }
};

/** Adds `<stats>` to a balloon without one; does nothing for model none or a period of 0 or less. */
export const addStatsPeriod = (domain: Element, period: Seconds): void => {
  const memballoon = find(domain, 'devices', 'memballoon');
  if (!memballoon || period <= 0) return;
  if (memballoon.attributes.get('model') === 'none' || find(memballoon, 'stats')) return;
  memballoon.children.unshift(element('stats', { period }));
};

/**
 * Adds a NUMA cell with all vCPUs and the boot memory to a domain with `<maxMemory>` but without cells, as DIMMs
 * require one. Throws {@link DomainXmlError} if the memory devices leave no boot memory.
 */
export const addNumaCell = (domain: Element): void => {
  const size = sizeAt(domain, 'memory');
  if (!find(domain, 'maxMemory') || find(domain, 'cpu', 'numa', 'cell') || !size) return;
  const boot = KiB(size - pluggedMemory(domain));
  if (boot <= 0) {
    throw new DomainXmlError(
      'the memory devices take all of <memory>; raise it by the boot memory',
    );
  }
  const cpu = find(domain, 'cpu') ?? element('cpu');
  if (!domain.children.includes(cpu)) place(domain, cpu, 'os', 'features');
  for (const empty of childrenNamed(cpu, 'numa')) remove(cpu, empty);
  cpu.children.push(element('numa', {}, numaCell(vcpusOf(domain).maximum, boot)));
};

/** The total size of all memory devices. `<memory>` includes it; libvirt adds it to the sum of the cells. */
export const pluggedMemory = (domain: Element): number =>
  childrenNamed(find(domain, 'devices'), 'memory').reduce(
    (sum, device) => sum + memoryDeviceOf(device).size,
    0,
  );

/** One NUMA cell with all vCPUs and memory. */
export const numaCell = (vcpus: number, memory: KiB): Element =>
  element('cell', {
    id: 0,
    cpus: vcpus > 1 ? `0-${String(vcpus - 1)}` : '0',
    memory,
    unit: 'KiB',
  });
