import type { Cancel } from '../../common/clock.ts';
import { KiB } from '../../common/units.ts';
import type { Hypervisor } from '../hypervisor.ts';
import { HostFiles } from '../report/files.ts';
import { memorySizes, type Procfs } from '../report/procfs.ts';
import type { HostPressure } from './hostPressure.ts';

/** Files that are read in place of the host's own; empty for the host's own. */
export interface PressurePaths {
  readonly meminfo_path: string;
}

export interface PressureParts {
  readonly hypervisor: Pick<Hypervisor, 'hostMemory'>;
  readonly proc: Procfs;
  readonly paths: PressurePaths;
}

/** Reads how much memory the host has left. */
export class PressureReader {
  readonly #parts: PressureParts;
  readonly #files = new HostFiles();
  readonly #stallListeners = new Set<() => void>();

  constructor(parts: PressureParts) {
    this.#parts = parts;
  }

  /** Throws HypervisorError if neither the host's files nor the hypervisor report its memory. */
  async read(): Promise<HostPressure> {
    const { proc, hypervisor } = this.#parts;
    const [sizes, hugepages, nodes] = await Promise.all([
      this.#meminfo(),
      proc.hugepages(),
      proc.numaNodes(),
    ]);
    return {
      ...(fromMeminfo(sizes) ?? fromHypervisor(await hypervisor.hostMemory())),
      hugepages,
      nodes: nodes.flatMap(({ index, total, free }) =>
        total === undefined || free === undefined ? [] : [{ index, total, free }],
      ),
    };
  }

  /** Calls `listener` when tasks of the host begin to wait for memory. Returns a function that stops it. */
  watchStall(listener: () => void): Cancel {
    this.#stallListeners.add(listener);
    return () => this.#stallListeners.delete(listener);
  }

  async #meminfo(): Promise<ReadonlyMap<string, KiB>> {
    const { proc, paths } = this.#parts;
    if (paths.meminfo_path === '') return proc.meminfo();
    return memorySizes((await this.#files.text(paths.meminfo_path)) ?? '');
  }
}

type Memory = Pick<HostPressure, 'total' | 'free' | 'available' | 'swapTotal' | 'swapFree'>;

function fromMeminfo(sizes: ReadonlyMap<string, KiB>): Memory | undefined {
  const total = sizes.get('MemTotal');
  if (total === undefined) return undefined;
  const available = sizes.get('MemAvailable');
  const swapTotal = sizes.get('SwapTotal');
  const swapFree = sizes.get('SwapFree');
  return {
    total,
    ...momFree(sizes.get('MemFree'), sizes.get('Buffers'), sizes.get('Cached')),
    ...(available !== undefined && { available }),
    ...(swapTotal !== undefined && { swapTotal }),
    ...(swapFree !== undefined && { swapFree }),
  };
}

const fromHypervisor = ({
  total,
  free,
  buffers,
  cached,
}: Awaited<ReturnType<Hypervisor['hostMemory']>>): Memory => ({
  total,
  ...momFree(free, buffers, cached),
});

const momFree = (free?: KiB, buffers?: KiB, cached?: KiB): Pick<Memory, 'free'> =>
  free === undefined || buffers === undefined || cached === undefined ?
    {}
  : { free: KiB(free + buffers + cached) };
