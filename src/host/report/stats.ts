import type { HostMemory } from '../hypervisor.ts';
import { floorMiB, KiB } from '../../units.ts';
import type { Procfs } from './procfs.ts';

/** How many VMs there are, by what they do. */
export interface VmCounts {
  readonly all: number;
  readonly up: number;
}

type CpuTimes = Awaited<ReturnType<Procfs['cpuTimes']>>;

/** The host's own figures now, in VDSM's shape (host/api.py); what it does not know is absent. */
export class HostStats {
  readonly #proc: Procfs;
  #before: CpuTimes;

  constructor(proc: Procfs) {
    this.#proc = proc;
  }

  async read(memory: HostMemory, vms: VmCounts) {
    const [meminfo, thp, numa, hugepages, boot, load, cpu, ksm] = await Promise.all([
      this.#proc.meminfo(),
      this.#proc.transparentHugepages(),
      this.#proc.numaNodes(),
      this.#proc.hugepages(),
      this.#proc.bootTime(),
      this.#proc.load(),
      this.#cpu(),
      this.#ksm(),
    ]);
    const free = freeWithCaches(memory, meminfo);
    const size = (name: string): number => floorMiB(meminfo.get(name) ?? KiB(0));
    return {
      memFree: floorMiB(free),
      memUsed: String(100 - Math.floor((100 * free) / Math.max(1, memory.total))),
      anonHugePages: String(size('AnonHugePages')),
      swapTotal: size('SwapTotal'),
      swapFree: size('SwapFree'),
      ...ksm,
      ...(thp === undefined ? {} : { thpState: thp }),
      numaNodeMemFree: Object.fromEntries(
        numa.map((node) => [
          String(node.index),
          {
            memFree: String(floorMiB(node.free)),
            memPercent: 100 - Math.floor((100 * node.free) / Math.max(1, node.total)),
          },
        ]),
      ),
      hugepages: Object.fromEntries(
        hugepages.map(({ size: page, total, free: unused }) => [
          String(page),
          { nr_hugepages: total, free_hugepages: unused, 'vm.free_hugepages': unused },
        ]),
      ),
      vmCount: vms.all,
      vmActive: vms.up,
      vmMigrating: 0,
      incomingVmMigrations: 0,
      outgoingVmMigrations: 0,
      momStatus: 'inactive',
      dateTime: `${new Date().toISOString().slice(0, 19)} GMT`,
      elapsedTime: String(Math.floor(process.uptime())),
      ...(boot === undefined ? {} : { bootTime: boot }),
      ...(load === undefined ? {} : { cpuLoad: load }),
      ...cpu,
      diskStats: {},
      storageDomains: {},
      haStats: {
        configured: false,
        active: false,
        score: 0,
        globalMaintenance: false,
        localMaintenance: false,
      },
      netConfigDirty: 'False',
    } as const;
  }

  /** CPU use since the last read, in percent as text; absent the first time. */
  async #cpu() {
    const [now, before] = [await this.#proc.cpuTimes(), this.#before];
    this.#before = now;
    if (!now || !before) return {};
    const [user, system, idle] = [
      now.user - before.user,
      now.system - before.system,
      now.idle - before.idle,
    ];
    const percent = (part: number): string =>
      ((100 * part) / Math.max(1, user + system + idle)).toFixed(2);
    return { cpuUser: percent(user), cpuSys: percent(system), cpuIdle: percent(idle) };
  }

  async #ksm() {
    const [run, shared, merge] = await Promise.all([
      this.#proc.ksm('run'),
      this.#proc.ksm('pages_sharing'),
      this.#proc.ksm('merge_across_nodes'),
    ]);
    if (run === undefined) return {};
    return {
      ksmState: run === 1,
      ksmPages: shared ?? 0,
      ksmMergeAcrossNodes: merge === 1,
      memShared: floorMiB(KiB((shared ?? 0) * PAGE_KIB)),
    };
  }
}

const PAGE_KIB = 4;

/** Free memory as VDSM counts it: free pages and what the kernel would give back. */
const freeWithCaches = (memory: HostMemory, meminfo: ReadonlyMap<string, KiB>): KiB =>
  KiB(
    memory.free +
      (memory.cached ?? 0) +
      (memory.buffers ?? 0) +
      (memory.cached === undefined ? 0 : (meminfo.get('SReclaimable') ?? 0)),
  );
