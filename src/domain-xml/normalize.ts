import { KiB } from '../common/units.ts';
import { pluggedMemory, setSize } from './changes.ts';
import { childrenNamed, find, required, setText, textAt, type Element } from './element.ts';
import { checkedUuid } from './identifiers.ts';
import { sizeAt } from './parse.ts';
import { parseSize } from './quantity.ts';
import { DomainXmlError } from './types.ts';

/**
 * Writes UUID and memory sizes as libvirt does when it defines a domain: NUMA cells with memory replace `<memory>`, and
 * `<currentMemory>` is at most that. Throws {@link DomainXmlError} for sizes that libvirt refuses.
 */
export const normalizeDomain = (domain: Element): void => {
  const uuid = find(domain, 'uuid');
  const given = textAt(domain, 'uuid');
  if (uuid && given) setText(uuid, checkedUuid(given));
  const memory = memoryOf(domain);
  setSize(domain, 'memory', memory, 'maxMemory');
  setSize(domain, 'currentMemory', currentMemory(domain, memory), 'memory');
  const maximum = sizeAt(domain, 'maxMemory');
  if (maximum !== undefined && maximum < memory) {
    throw new DomainXmlError(
      `<maxMemory> of ${String(maximum)} KiB is below the memory of ${String(memory)} KiB; raise it`,
    );
  }
};

// libvirt takes 0 for absent.
const currentMemory = (domain: Element, memory: KiB): KiB => {
  const stated = sizeAt(domain, 'currentMemory') ?? 0;
  return stated > 0 && stated < memory ? KiB(stated) : memory;
};

const memoryOf = (domain: Element): KiB => {
  const inCells = cellsOf(domain).reduce((sum, cell) => sum + cellMemory(cell), 0);
  const plugged = pluggedMemory(domain);
  const memory = inCells > 0 ? inCells + plugged : (sizeAt(domain, 'memory') ?? 0);
  if (memory === 0) {
    throw new DomainXmlError('the domain has no memory; give <memory> or that of its NUMA cells');
  }
  if (memory <= plugged) {
    throw new DomainXmlError(
      'the memory devices take all of <memory>; raise it by the boot memory',
    );
  }
  return KiB(memory);
};

/** The NUMA cells of a domain. */
export const cellsOf = (domain: Element): Element[] =>
  childrenNamed(find(domain, 'cpu', 'numa'), 'cell');

/** The memory of a NUMA cell; throws {@link DomainXmlError} if it states none. */
export const cellMemory = (cell: Element): KiB =>
  parseSize(required(cell, 'memory'), cell.attributes.get('unit'), "<cell>'s memory");

/** Sets the memory of a NUMA cell. */
export const setCellMemory = (cell: Element, memory: number): void => {
  cell.attributes.set('memory', String(memory)).set('unit', 'KiB');
};
