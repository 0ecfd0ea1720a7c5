import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import { KiB, Milliseconds } from '../../common/units.ts';
import type { Hypervisor } from '../hypervisor.ts';
import { HostFiles } from '../report/files.ts';
import type { Procfs } from '../report/procfs.ts';
import { GuestProcessReader } from './guestProcesses.ts';
import { isMemoryGroup, roomIn, tightestLimit, type Host } from './groupLimit.ts';
import type { GroupLimit, HostPressure, NodeMemory } from './hostPressure.ts';
import { fromHypervisor, type Meminfo, readMeminfo } from './meminfo.ts';
import { type Psi, readPsi } from './psi.ts';
import { StallWatch } from './stallWatch.ts';
import { readSwapped, type Swapped, SwapRate } from './swapRate.ts';
import { Troubles } from './troubles.ts';

/** Much shorter than a round of the policy, and than the timeout of a collector of metrics. */
const HYPERVISOR_TIMEOUT = Milliseconds(2000);

/** Files that are read in place of the host's own; empty for those. */
export interface PressurePaths {
  readonly meminfo_path: string;
  readonly pressure_path: string;
  /** `none` for no limits. */
  readonly cgroup_path: string;
}

export interface PressureParts {
  readonly hypervisor: Pick<Hypervisor, 'hostMemory'>;
  readonly proc: Procfs;
  readonly paths: PressurePaths;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Reads how much memory the host has left. What cannot be read is absent; the log has it once. */
export class PressureReader {
  readonly #parts: PressureParts;
  /** The files that the configuration names are this machine's, also for a simulated host. */
  readonly #named = new HostFiles();
  readonly #troubles: Troubles;
  readonly #guests: GuestProcessReader;
  readonly #swapRate: SwapRate;
  readonly #stalls: StallWatch;
  #pageSize: Promise<KiB | undefined> | undefined;
  #last: { readonly at: Milliseconds; readonly reading: Promise<HostPressure> } | undefined;

  constructor(parts: PressureParts) {
    const { proc, clock, log } = parts;
    this.#parts = parts;
    this.#troubles = new Troubles(log);
    this.#guests = new GuestProcessReader(proc, clock);
    this.#swapRate = new SwapRate(clock);
    this.#stalls = new StallWatch({ clock, total: async () => (await this.#psi())?.some.total });
  }

  /** Reads it now. Throws HypervisorError if neither the host's files nor the hypervisor report its memory. */
  read(): Promise<HostPressure> {
    const reading = this.#read();
    this.#last = { at: this.#parts.clock.now(), reading };
    return reading;
  }

  /** Returns the last reading, whoever asked for it, if it was begun less than `age` ago; else as {@link read}. */
  recent(age: Milliseconds): Promise<HostPressure> {
    const last = this.#last;
    return last && this.#parts.clock.now() - last.at < age ? last.reading : this.read();
  }

  /**
   * Calls `listener` when tasks of the host begin to wait for memory, once for each time that they do. Returns a
   * function that ends it.
   */
  watchStall(listener: () => void): Cancel {
    return this.#stalls.listen(listener);
  }

  async #read(): Promise<HostPressure> {
    const { proc } = this.#parts;
    const [memory, { fileBacked, shareable, groups }, hugepages, nodes, swapped, psi] =
      await Promise.all([
        this.#memory(),
        this.#guests.read(),
        proc.hugepages(),
        this.#nodes(),
        this.#swapped(),
        this.#psi(),
      ]);
    const { total, unused, caches, free, available, hugetlb = 0, ...swap } = memory;
    const limit = await this.#limit(groups, { total, fileBacked });
    const most = limit ? roomIn(limit) : total;
    const left = (size: KiB | undefined, taken = 0): KiB | undefined =>
      size === undefined ? undefined : KiB(Math.min(most, Math.max(0, size - taken)));
    return omitUndefined({
      total,
      capacity: KiB(Math.min(total - hugetlb, limit?.limit ?? total)),
      unused,
      caches: caches && KiB(Math.max(0, caches - fileBacked)),
      free: left(free),
      available: left(available, fileBacked),
      fileBacked,
      shareable,
      ...swap,
      ...swapped,
      swapRate: swapped && this.#swapRate.after(swapped),
      stall: psi?.some.avg10,
      stalls: psi && omitUndefined({ some: psi.some.total, full: psi.full?.total }),
      hugepages,
      nodes,
      limit,
    });
  }

  async #memory(): Promise<Meminfo> {
    const { paths, hypervisor } = this.#parts;
    const { name, text } = await this.#text(paths.meminfo_path, 'proc/meminfo');
    const memory = readMeminfo(text ?? '');
    const trouble =
      text === undefined ? 'cannot be read'
      : memory === undefined ? 'has no MemTotal'
      : memory.available === undefined ? 'has no MemAvailable up to MemTotal'
      : undefined;
    const instead =
      memory ?
        'reservations count MemFree, Buffers and Cached instead, and the adaptive policy moves nothing but to guarantees'
      : "the hypervisor's figures are used";
    this.#troubles.report(name, trouble && `${trouble}: ${instead}`);
    return memory ?? fromHypervisor(await hypervisor.hostMemory({ timeout: HYPERVISOR_TIMEOUT }));
  }

  async #psi(): Promise<Psi | undefined> {
    const { name, text } = await this.#text(this.#parts.paths.pressure_path, PSI);
    const psi = readPsi(text ?? '');
    const trouble =
      psi ? undefined
      : text === undefined ? 'cannot be read: boot the kernel with psi=1'
      : 'is not the pressure of memory that a kernel reports';
    this.#troubles.report(
      name,
      trouble && `${trouble}; until then tasks that wait for memory are not noticed`,
    );
    return psi;
  }

  async #limit(groups: readonly string[], host: Host): Promise<GroupLimit | undefined> {
    const { proc, paths } = this.#parts;
    const { cgroup_path: named } = paths;
    if (named === 'none') return undefined;
    if (named === '') {
      const limits = groups.map((folder) => tightestLimit(proc, folder, host));
      return (await Promise.all(limits)).find((limit) => limit !== undefined);
    }
    const isGroup = await isMemoryGroup(this.#named, named);
    const trouble = 'has no memory.current or memory.usage_in_bytes: no limit is respected';
    this.#troubles.report(named, isGroup ? undefined : trouble);
    return tightestLimit(this.#named, named, host);
  }

  async #swapped(): Promise<Swapped | undefined> {
    const { proc } = this.#parts;
    const [text, pageSize] = await Promise.all([
      proc.text('proc/vmstat'),
      (this.#pageSize ??= proc.pageSize()),
    ]);
    return text === undefined || pageSize === undefined ? undefined : readSwapped(text, pageSize);
  }

  async #nodes(): Promise<NodeMemory[]> {
    const nodes = await this.#parts.proc.numaNodes();
    return nodes.flatMap(({ index, total, free }) =>
      total === undefined || free === undefined ? [] : [{ index, total, free }],
    );
  }

  /** Reads the named file, or the host's own. */
  async #text(named: string, own: string) {
    return named === '' ?
        { name: `/${own}`, text: await this.#parts.proc.text(own) }
      : { name: named, text: await this.#named.text(named) };
  }
}

const PSI = 'proc/pressure/memory';
