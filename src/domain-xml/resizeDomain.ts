import { KiB } from '../common/units.ts';
import { pluggedMemory, setSize } from './changes.ts';
import { childrenNamed, find, type Element } from './element.ts';
import { memoryDeviceOf } from './memoryDevice.ts';
import { cellMemory, cellsOf, setCellMemory } from './normalize.ts';
import { sizeAt } from './parse.ts';
import { DomainXmlError } from './types.ts';

const MIB = 1024;
/** The least memory of a guest without NUMA cells, or with one. */
const LEAST = MIB;
/** The least memory of each of several cells. */
const LEAST_OF_SEVERAL = 64 * MIB;

/**
 * Sets the memory that a domain starts with. virtio-mem's requested sizes take what exceeds boot memory and DIMMs,
 * rounded up to whole blocks; boot memory changes only if that is not enough. NUMA cells change in proportion, because
 * libvirt uses their sum instead of `<memory>`. A `<currentMemory>` that leaves part of the memory to the balloon is kept
 * unless the memory falls below it. Throws {@link DomainXmlError} if the size is not possible.
 */
export const resizeDomain = (domain: Element, wanted: KiB): void => {
  const cells = cellsOf(domain);
  const plugged = pluggedMemory(domain);
  const present =
    cells.length > 0 ? sum(cells.map(cellMemory)) : (sizeAt(domain, 'memory') ?? 0) - plugged;
  const dimms = dimmMemory(domain);
  const excess = wanted - dimms - present;
  const started = startSize(domain, present + dimms + requestedMemory(domain), cells.length);
  const requests = requestsFor(domain, excess);
  const requested = sum(requests.map(({ amount }) => amount));
  const boot = present + Math.max(Math.min(excess, 0), excess - requested);

  checkLimits(domain, cells, { wanted, boot, dimms, plugged });
  distribute(cells, boot - present);
  for (const { target, amount } of requests) setSize(target, 'requested', amount, 'node', 'block');
  setSize(domain, 'memory', KiB(boot + plugged), 'maxMemory');
  const total = boot + dimms + requested;
  const current = started !== undefined && started <= total ? started : total;
  setSize(domain, 'currentMemory', KiB(current), 'maxMemory', 'memory');
};

/** Returns the size that is set for the balloon at the start; undefined if it is empty then, apart from rounding. */
const startSize = (domain: Element, total: number, cells: number): number | undefined => {
  const current = sizeAt(domain, 'currentMemory') ?? total;
  return total - current > MIB * Math.max(1, cells) ? current : undefined;
};

const requestedMemory = (domain: Element): number =>
  sum(devicesOf(domain).map((device) => memoryDeviceOf(device).virtioMem?.requested ?? 0));

interface Sizes {
  readonly wanted: number;
  readonly boot: number;
  readonly dimms: number;
  readonly plugged: number;
}

const checkLimits = (
  domain: Element,
  cells: readonly Element[],
  { wanted, boot, dimms, plugged }: Sizes,
): void => {
  const maximum = sizeAt(domain, 'maxMemory');
  if (maximum !== undefined && boot + plugged > maximum) {
    throw new DomainXmlError(
      `a memory of ${String(boot + plugged)} KiB is above <maxMemory> of ${String(maximum)} KiB; lower it`,
    );
  }
  const least = cells.length === 0 ? LEAST : sum(cells.map(leastAmong(cells)));
  if (boot < least) {
    throw new DomainXmlError(
      `a memory of ${String(wanted)} KiB is less than the ${String(dimms + least)} KiB that memory devices and NUMA cells need at least; raise it`,
    );
  }
};

const devicesOf = (domain: Element): Element[] => childrenNamed(find(domain, 'devices'), 'memory');

const dimmMemory = (domain: Element): number =>
  sum(
    devicesOf(domain)
      .map(memoryDeviceOf)
      .map(({ model, size }) => (model === 'dimm' ? size : 0)),
  );

/** The requested size of each virtio-mem device, so that their sum reaches the given size or their maximum. */
const requestsFor = (
  domain: Element,
  memory: number,
): { readonly target: Element; readonly amount: KiB }[] => {
  let missing = Math.max(0, memory);
  return devicesOf(domain).flatMap((device) => {
    const { virtioMem, size } = memoryDeviceOf(device);
    const target = find(device, 'target');
    if (!virtioMem || !target) return [];
    const blocks = Math.min(
      Math.ceil(missing / virtioMem.block),
      Math.floor(size / virtioMem.block),
    );
    const amount = KiB(blocks * virtioMem.block);
    missing = Math.max(0, missing - amount);
    return [{ target, amount }];
  });
};

/** Changes the cells by `change` in total, in whole MiB as far as possible. */
const distribute = (cells: readonly Element[], change: number): void => {
  const weights = cells.map((cell) =>
    change < 0 ? cellMemory(cell) - leastAmong(cells)(cell) : cellMemory(cell),
  );
  let missing = Math.abs(change);
  let weight = sum(weights);
  for (const [index, cell] of cells.entries()) {
    const own = weights[index] ?? 0;
    const others = weight - own;
    const share = weight === 0 ? 0 : Math.round((missing * own) / weight / MIB) * MIB;
    // The last cell takes the remainder, but no cell loses more than it can.
    const part =
      others === 0 ? missing
      : change > 0 ? Math.min(share, missing)
      : Math.min(Math.max(share, missing - others), own, missing);
    if (part > 0) setCellMemory(cell, cellMemory(cell) + Math.sign(change) * part);
    missing -= part;
    weight = others;
  }
};

const leastAmong =
  ({ length }: readonly Element[]) =>
  (cell: Element): number =>
    Math.min(cellMemory(cell), length > 1 ? LEAST_OF_SEVERAL : LEAST);

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
