import { networkInterfaces } from 'node:os';
import { KiB } from '../../common/units.ts';
import { HostFiles } from './files.ts';
import type { Addresses } from './networks.ts';

/** Memory of one NUMA node of the host; sizes in KiB, undefined if they cannot be read. */
export interface NumaNode {
  readonly index: number;
  readonly cpus: readonly number[];
  readonly total: KiB | undefined;
  readonly free: KiB | undefined;
  readonly distances: readonly number[];
}

/** In jiffies: `user` includes nice, `system` includes interrupts, `idle` includes waiting. */
export interface CpuTimes {
  readonly user: number;
  readonly system: number;
  readonly idle: number;
}

/** Reads /proc and /sys; what the machine does not have is absent or empty. */
export class Procfs extends HostFiles {
  /** /proc/meminfo by name, in KiB. */
  async meminfo(): Promise<ReadonlyMap<string, KiB>> {
    return memorySizes((await this.text('proc/meminfo')) ?? '');
  }

  /** CPU times since boot by CPU number; 'all' is their sum. */
  async cpuTimes(): Promise<ReadonlyMap<string, CpuTimes>> {
    const lines = ((await this.text('proc/stat')) ?? '').matchAll(/^cpu(\d*) +(.*)$/gm);
    return new Map(
      [...lines].map(([, cpu = '', fields = '']) => [cpu || 'all', cpuTimes(fields.split(' '))]),
    );
  }

  /** Boot time in seconds since 1970, as text. */
  async bootTime(): Promise<string | undefined> {
    return /^btime (\d+)$/m.exec((await this.text('proc/stat')) ?? '')?.[1];
  }

  /** The one-minute load average, as text. */
  async load(): Promise<string | undefined> {
    return (await this.text('proc/loadavg'))?.split(' ')[0];
  }

  /** The first CPU's flags. */
  async cpuFlags(): Promise<string[]> {
    const flags = /^(?:flags|Features)\s*: (.*)$/m.exec((await this.text('proc/cpuinfo')) ?? '');
    return flags?.[1]?.trim().split(/\s+/) ?? [];
  }

  /** Numbers of the online CPUs. */
  async onlineCpus(): Promise<number[]> {
    return cpuList((await this.text('sys/devices/system/cpu/online')) ?? '');
  }

  async numaNodes(): Promise<NumaNode[]> {
    const names = await this.list('sys/devices/system/node');
    const indexes = names
      .map((name) => /^node(\d+)$/.exec(name)?.[1])
      .filter((index) => index !== undefined)
      .map(Number)
      .sort((a, b) => a - b);
    return Promise.all(indexes.map((index) => this.#numaNode(index)));
  }

  /** Huge pages of each size in KiB: their number and how many are free. */
  async hugepages(): Promise<{ size: KiB; total: number; free: number }[]> {
    const names = await this.list('sys/kernel/mm/hugepages');
    const all = names.sort().map(async (name) => {
      const count = (file: string) => this.number(`sys/kernel/mm/hugepages/${name}/${file}`);
      const [total, free] = await Promise.all([count('nr_hugepages'), count('free_hugepages')]);
      const size = KiB(Number(/\d+/.exec(name)?.[0]));
      return total === undefined || free === undefined ? [] : [{ size, total, free }];
    });
    return (await Promise.all(all)).flat();
  }

  /** The active setting of transparent huge pages: always, madvise or never. */
  async transparentHugepages(): Promise<string | undefined> {
    const text = await this.text('sys/kernel/mm/transparent_hugepage/enabled');
    return /\[(\w+)\]/.exec(text ?? '')?.[1];
  }

  /** Size of an ordinary page, the unit in which KSM counts. */
  async pageSize(): Promise<KiB | undefined> {
    const size = /^KernelPageSize:\s+(\d+) kB$/m.exec((await this.text('proc/self/smaps')) ?? '');
    return size ? KiB(Number(size[1])) : undefined;
  }

  /** The addresses of the host's network devices. */
  addresses(): Addresses {
    return networkInterfaces();
  }

  /** The kernel's automatic NUMA balancing: 0, 1 or 2. */
  autoNumaBalancing(): Promise<number | undefined> {
    return this.number('proc/sys/kernel/numa_balancing');
  }

  /** A text of the firmware, such as product_name; undefined if it is empty or missing. */
  async firmware(name: string): Promise<string | undefined> {
    return (await this.text(`sys/class/dmi/id/${name}`))?.trim() || undefined;
  }

  /** /etc/os-release by key. */
  async osRelease(): Promise<ReadonlyMap<string, string>> {
    const text = (await this.text('etc/os-release')) ?? '';
    return new Map(
      [...text.matchAll(/^(\w+)="?(.*?)"?$/gm)].map(([, key = '', value = '']) => [key, value]),
    );
  }

  /** Returns a file's single line, or undefined if it cannot be read. */
  async line(path: string): Promise<string | undefined> {
    return (await this.text(path))?.trim();
  }

  async #numaNode(index: number): Promise<NumaNode> {
    const folder = `sys/devices/system/node/node${String(index)}`;
    const [memory, cpus, distances] = await Promise.all([
      this.text(`${folder}/meminfo`),
      this.text(`${folder}/cpulist`),
      this.text(`${folder}/distance`),
    ]);
    const figures = memorySizes((memory ?? '').replace(/^Node \d+ /gm, ''));
    return {
      index,
      cpus: cpuList(cpus ?? ''),
      total: figures.get('MemTotal'),
      free: figures.get('MemFree'),
      distances: (distances ?? '').trim().split(/\s+/).filter(Boolean).map(Number),
    };
  }
}

/** Returns the sizes in a text as that of /proc/meminfo, in KiB by name. */
export const memorySizes = (text: string): ReadonlyMap<string, KiB> =>
  new Map(
    [...text.matchAll(/^([\w()]+):\s+(\d+) kB$/gm)].map(([, name = '', size]) => [
      name,
      KiB(Number(size)),
    ]),
  );

function cpuTimes(fields: readonly string[]): CpuTimes {
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0] =
    fields.map(Number);
  return { user: user + nice, system: system + irq + soft, idle: idle + wait };
}

const cpuList = (text: string): number[] =>
  text
    .trim()
    .split(',')
    .filter(Boolean)
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
