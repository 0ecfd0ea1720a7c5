import type { HostMemory } from '../hypervisor.ts';
import type { Cancel, Clock } from '../../common/clock.ts';
import { floorMiB, KiB, type Milliseconds } from '../../common/units.ts';
import { CpuUse } from './cpuUse.ts';
import { ksmNumber } from './ksm.ts';
import type { NumaNode, Procfs } from './procfs.ts';

/** The number of VMs, and of those that are up. */
export interface VmCounts {
  readonly all: number;
  readonly up: number;
}

/** Reads the host's statistics in VDSM's shape (host/api.py); unknown values are absent. */
export class HostStats {
  readonly #proc: Procfs;
  readonly #cpuUse: CpuUse;
  #pageSize: Promise<KiB | undefined> | undefined;

  constructor(proc: Procfs) {
    this.#proc = proc;
    this.#cpuUse = new CpuUse(proc);
  }

  /** Measures the load of the host's CPUs each interval from now on. Returns a function that stops it. */
  start(clock: Clock, interval: Milliseconds): Cancel {
    return this.#cpuUse.start(clock, interval);
  }

  async measure(memory: HostMemory, vms: VmCounts, momIsActive = false) {
    const [meminfo, thp, numa, hugepages, boot, load, ksm] = await Promise.all([
      this.#proc.meminfo(),
      this.#proc.transparentHugepages(),
      this.#proc.numaNodes(),
      this.#proc.hugepages(),
      this.#proc.bootTime(),
      this.#proc.load(),
      this.#ksm(),
    ]);
    return {
      ...memoryFigures(memory, meminfo),
      ...ksm,
      ...(thp === undefined ? {} : { thpState: thp }),
      numaNodeMemFree: numaFigures(numa),
      hugepages: hugepageFigures(hugepages),
      vmCount: vms.all,
      vmActive: vms.up,
      vmMigrating: 0,
      incomingVmMigrations: 0,
      outgoingVmMigrations: 0,
      momStatus: momIsActive ? 'active' : 'inactive',
      dateTime: `${new Date().toISOString().slice(0, 19)} GMT`,
      elapsedTime: String(Math.floor(process.uptime())),
      ...(boot === undefined ? {} : { bootTime: boot }),
      ...(load === undefined ? {} : { cpuLoad: load }),
      ...(await this.#cpuUse.read(numa)),
      ...ABSENT,
    } as const;
  }

  async #ksm() {
    const [run, scanned, shared, merge, page] = await Promise.all([
      ksmNumber(this.#proc, 'run'),
      ksmNumber(this.#proc, 'pages_to_scan'),
      ksmNumber(this.#proc, 'pages_sharing'),
      ksmNumber(this.#proc, 'merge_across_nodes'),
      (this.#pageSize ??= this.#proc.pageSize()),
    ]);
    if (run === undefined) return {};
    return {
      ksmState: run === 1,
      ...(scanned === undefined ? {} : { ksmPages: scanned }),
      ...(merge === undefined ? {} : { ksmMergeAcrossNodes: merge === 1 }),
      ...(shared === undefined || page === undefined ?
        {}
      : { memShared: floorMiB(KiB(shared * page)) }),
    };
  }
}

/** VDSM's fields for features that vmemd does not have. */
const ABSENT = {
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

function memoryFigures(memory: HostMemory, meminfo: ReadonlyMap<string, KiB>) {
  // A kernel without the line has none.
  const size = (name: string): number => floorMiB(meminfo.get(name) ?? KiB(0));
  const free = freeWithCaches(memory, meminfo);
  return {
    memFree: floorMiB(free),
    memUsed: String(usedPercent(free, memory.total)),
    anonHugePages: String(size('AnonHugePages')),
    swapTotal: size('SwapTotal'),
    swapFree: size('SwapFree'),
  };
}

const numaFigures = (nodes: readonly NumaNode[]) =>
  Object.fromEntries(
    nodes.flatMap(({ index, free, total }) =>
      free === undefined || total === undefined ?
        []
      : [
          [
            String(index),
            { memFree: String(floorMiB(free)), memPercent: usedPercent(free, total) },
          ] as const,
        ],
    ),
  );

const hugepageFigures = (pages: Awaited<ReturnType<Procfs['hugepages']>>) =>
  Object.fromEntries(
    pages.map(({ size, total, free }) => [
      String(size),
      { nr_hugepages: total, free_hugepages: free, 'vm.free_hugepages': free },
    ]),
  );

const usedPercent = (free: KiB, total: KiB): number =>
  100 - Math.floor((100 * free) / Math.max(1, total));

/** Free memory as VDSM counts it: free pages and reclaimable caches. */
const freeWithCaches = (memory: HostMemory, meminfo: ReadonlyMap<string, KiB>): KiB =>
  KiB(
    memory.free +
      (memory.cached ?? 0) +
      (memory.buffers ?? 0) +
      (memory.cached === undefined ? 0 : (meminfo.get('SReclaimable') ?? 0)),
  );
