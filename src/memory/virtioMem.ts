import type { Domain } from '../domain-xml/types.ts';
import { KiB } from '../common/units.ts';
import { balloonableMemory } from './balloon.ts';

/** A virtio-mem device that can be asked to give or take. */
export interface VirtioMemDevice {
  readonly alias: string;
  readonly size: KiB;
  readonly block: KiB;
  readonly requested: KiB;
}

/** The virtio-mem devices of a domain, oldest first. */
export const virtioMemDevices = (domain: Domain): VirtioMemDevice[] =>
  domain.memoryDevices.flatMap(({ alias, size, virtioMem }) =>
    alias !== undefined && virtioMem ? [{ ...virtioMem, alias, size }] : [],
  );

/** What the VM is meant to have: boot memory, DIMMs, and what virtio-mem devices are asked for; nothing else counts. */
export const providedMemory = (domain: Domain): KiB =>
  domain.memoryDevices.reduce(
    (sum, { virtioMem }) => KiB(sum + (virtioMem?.requested ?? 0)),
    balloonableMemory(domain),
  );

/** Some memory of a device, to be taken in whole blocks. */
export interface Store {
  readonly alias: string;
  readonly block: KiB;
  readonly amount: KiB;
}

/** What a device can give back. */
export const givenBy = ({ alias, block, requested }: VirtioMemDevice): Store => ({
  alias,
  block,
  amount: wholeBlocks(requested, block),
});

/** What a device can still take up. */
export const roomIn = ({ alias, block, size, requested }: VirtioMemDevice): Store => ({
  alias,
  block,
  amount: wholeBlocks(size - requested, block),
});

/**
 * As much of the stores, oldest first, as fits into `most`, by their aliases: the youngest are emptied first, but of
 * unlike blocks, all of them powers of two, the coarser go before the finer that can fill what is left.
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

/** Sizes added up. */
export const total = (sizes: Iterable<KiB>): KiB =>
  [...sizes].reduce((sum, size) => KiB(sum + size), KiB(0));

/** The largest multiple of the block that is not above the size. */
export const wholeBlocks = (size: number, block: KiB): KiB => KiB(Math.floor(size / block) * block);
