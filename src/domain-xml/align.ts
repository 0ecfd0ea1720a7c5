import { KiB, MiB, toKiB } from '../common/units.ts';
import { pluggedMemory, setSize } from './changes.ts';
import { childrenNamed, find, type Element } from './element.ts';
import { memoryDeviceOf } from './memoryDevice.ts';
import { cellMemory, cellsOf, setCellMemory } from './normalize.ts';
import { domainOf, readDomain, sizeAt } from './parse.ts';
import type { Domain } from './types.ts';

/** What libvirt's QEMU driver rounds sizes up to when a domain starts; its stored configuration keeps them. */
interface Alignment {
  readonly memory: KiB;
  readonly device: KiB;
}

const POWER: Alignment = { memory: toKiB(MiB(256)), device: toKiB(MiB(256)) };
const OTHERS: Alignment = { memory: toKiB(MiB(1)), device: toKiB(MiB(2)) };

/** Rounds all memory sizes up as libvirt does when the domain starts; the sizes are those that it stores. */
export const alignMemory = (domain: Element): void => {
  const arch = find(domain, 'os', 'type')?.attributes.get('arch') ?? '';
  const { memory, device } = arch.startsWith('ppc64') ? POWER : OTHERS;
  const boot = (sizeAt(domain, 'memory') ?? 0) - pluggedMemory(domain);
  const cells = cellsOf(domain);
  for (const cell of cells) {
    const size = cellMemory(cell);
    if (size % memory !== 0) setCellMemory(cell, roundUp(size, memory));
  }
  for (const one of childrenNamed(find(domain, 'devices'), 'memory')) {
    const target = find(one, 'target');
    const { size } = memoryDeviceOf(one);
    if (target && size % device !== 0) setSize(target, 'size', roundUp(size, device));
  }
  const inCells = cells.reduce((sum, cell) => sum + cellMemory(cell), 0);
  const total = (inCells || roundUp(boot, memory)) + pluggedMemory(domain);
  setSize(domain, 'memory', KiB(total), 'maxMemory');
  const maximum = sizeAt(domain, 'maxMemory');
  if (maximum !== undefined) setSize(domain, 'maxMemory', roundUp(maximum, memory));
};

const roundUp = (size: number, step: KiB): KiB => KiB(Math.ceil(size / step) * step);

/** Returns a stored domain with the sizes that it gets when it starts, to compare them with those of a running one. */
export function domainAtStart(xml: string): Domain {
  const root = readDomain(xml);
  alignMemory(root);
  return domainOf(root);
}
