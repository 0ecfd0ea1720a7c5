import { KiB, type Seconds } from '../common/units.ts';
import { childrenNamed, element, elementsOf, find, place, remove, setText } from './element.ts';
import type { Element } from './element.ts';
import { memoryDeviceOf } from './memoryDevice.ts';
import { sizeAt, vcpusOf } from './parse.ts';
import { DomainXmlError } from './types.ts';

/** Places a size in KiB under `parent`, or rewrites the one that is there. */
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

/** Removes `<min_guarantee>`, and `<memtune>` if nothing else is left in it. */
export const dropMinGuarantee = (domain: Element): void => {
  for (const memtune of childrenNamed(domain, 'memtune')) {
    for (const guarantee of childrenNamed(memtune, 'min_guarantee')) remove(memtune, guarantee);
    if (elementsOf(memtune).length === 0) remove(domain, memtune);
  }
};

/** Gives a balloon without `<stats>` a period, unless its model is none or the period is not above 0. */
export const addStatsPeriod = (domain: Element, period: Seconds): void => {
  const memballoon = find(domain, 'devices', 'memballoon');
  if (!memballoon || period <= 0) return;
  if (memballoon.attributes.get('model') === 'none' || find(memballoon, 'stats')) return;
  memballoon.children.unshift(element('stats', { period }));
};

/**
 * Gives a domain with maximum memory but no NUMA cell one with all vCPUs and the boot memory, as DIMMs need; throws
 * {@link DomainXmlError} where memory devices leave nothing to boot with.
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

/** The size of all memory devices: `<memory>` counts them, and libvirt adds them to what the cells hold. */
export const pluggedMemory = (domain: Element): number =>
  childrenNamed(find(domain, 'devices'), 'memory').reduce(
    (sum, device) => sum + memoryDeviceOf(device).size,
    0,
  );

/** One NUMA cell for all of a guest's vCPUs and memory. */
export const numaCell = (vcpus: number, memory: KiB): Element =>
  element('cell', {
    id: 0,
    cpus: vcpus > 1 ? `0-${String(vcpus - 1)}` : '0',
    memory,
    unit: 'KiB',
  });
