import type { Domain } from '../domain-xml/types.ts';
import { KiB } from '../common/units.ts';
import { balloonableMemory } from './balloon.ts';

/** A virtio-mem device whose requested size can be changed; sizes in KiB. */
export interface VirtioMemDevice {
  readonly alias: string;
  readonly size: KiB;
  readonly block: KiB;
  readonly requested: KiB;
}

/** Returns the virtio-mem devices of a domain that have an alias, oldest first. */
export const virtioMemDevices = (domain: Domain): VirtioMemDevice[] =>
  domain.memoryDevices.flatMap(({ alias, size, virtioMem }) =>
    alias !== undefined && virtioMem ? [{ ...virtioMem, alias, size }] : [],
  );

/** Returns the memory that the VM is meant to have, in KiB: boot memory, DIMMs and the requested sizes of virtio-mem. */
export const providedMemory = (domain: Domain): KiB =>
  domain.memoryDevices.reduce(
    (sum, { virtioMem }) => KiB(sum + (virtioMem?.requested ?? 0)),
    balloonableMemory(domain),
  );

/** An amount of a device's memory in KiB, taken in whole blocks. */
export interface Store {
  readonly alias: string;
  readonly block: KiB;
  readonly amount: KiB;
}

/** Returns what a device can give back. */
export const givenBy = ({ alias, block, requested }: VirtioMemDevice): Store => ({
  alias,
  block,
  amount: wholeBlocks(requested, block),
});

/** Returns what a device has room for. */
export const roomIn = ({ alias, block, size, requested }: VirtioMemDevice): Store => ({
  alias,
  block,
  amount: wholeBlocks(size - requested, block),
});

/**
 * Returns how much to take from each store, by alias: as much as fits into `most` KiB. Stores are given oldest first;
 * those with larger blocks are emptied first, since smaller blocks can fill the rest, then younger ones. Blocks are
 * powers of two.
 */
export function takeFrom(stores: readonly Store[], most: number): Map<string, KiB> {
  let rest = Math.max(0, most);
  return new Map(
    stores
      .toReversed()
      .toSorted((one, other) => other.block - one.block)
      .map(({ alias, block, amount }) => {
        const taken = wholeBlocks(Math.min(amount, rest), block);
        rest -= taken;
        return [alias, taken];
      }),
  );
}

/** Returns the sum of sizes. */
export const total = (sizes: Iterable<KiB>): KiB =>
  [...sizes].reduce((sum, size) => KiB(sum + size), KiB(0));

/** Returns the size rounded down to a multiple of the block. */
export const wholeBlocks = (size: number, block: KiB): KiB => KiB(Math.floor(size / block) * block);
