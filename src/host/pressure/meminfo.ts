import { KiB } from '../../common/units.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import type { HostMemory } from '../hypervisor.ts';
import { memorySizes } from '../report/procfs.ts';

/** Sizes of the host's memory as the kernel reports them; unknown ones are absent. */
export interface Meminfo {
  readonly total: KiB;
  /** MemFree. */
  readonly unused?: KiB;
  /** Buffers, cached and reclaimable slab together, without shared memory. */
  readonly caches?: KiB;
  /** MemFree, buffers and cached together. */
  readonly free?: KiB;
  /** MemAvailable. */
  readonly available?: KiB;
  readonly swapTotal?: KiB;
  readonly swapFree?: KiB;
  /** Pools of huge pages of all sizes. */
  readonly hugetlb?: KiB;
}

/** Reads the text of /proc/meminfo; sizes beyond the total count as unknown. Undefined without a total. */
export function readMeminfo(text: string): Meminfo | undefined {
  const sizes = memorySizes(text);
  const total = sizes.get('MemTotal');
  if (total === undefined || total === 0) return undefined;
  const upTo = (limit: KiB, size: KiB | undefined): KiB | undefined =>
    size === undefined || size > limit ? undefined : size;
  const available = upTo(total, sizes.get('MemAvailable'));
  const free = upTo(total, sum(sizes.get('MemFree'), sizes.get('Buffers'), sizes.get('Cached')));
  const unused = upTo(total, sizes.get('MemFree'));
  const files = sum(sizes.get('Buffers'), sizes.get('Cached'));
  const slab = sizes.get('SReclaimable') ?? 0;
  const caches = files && KiB(Math.max(0, files + slab - (sizes.get('Shmem') ?? 0)));
  const hugetlb = upTo(total, sizes.get('Hugetlb'));
  const swapTotal = sizes.get('SwapTotal');
  const swapFree = swapTotal && upTo(swapTotal, sizes.get('SwapFree'));
  return {
    total,
    ...omitUndefined({
      // where they exceed the total together, either may be wrong
      unused: free && unused,
      caches: free && upTo(total, caches),
      free,
      available,
      hugetlb,
      swapTotal,
      swapFree,
    }),
  };
}

/** Returns the same of the hypervisor's figures, which do not include MemAvailable and swap. */
export function fromHypervisor({ total, free, buffers, cached }: HostMemory): Meminfo {
  const all = sum(free, buffers, cached);
  return { total, unused: free, ...(all !== undefined && { free: all }) };
}

const sum = (...sizes: readonly (KiB | undefined)[]): KiB | undefined => {
  const known = sizes.filter((size) => size !== undefined);
  return known.length === sizes.length ? KiB(known.reduce((a, b) => a + b, 0)) : undefined;
};
