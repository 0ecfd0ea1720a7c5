import type { CpuTimes, NumaNode, Procfs } from './procfs.ts';

interface Percentages {
  readonly cpuUser: string;
  readonly cpuSys: string;
  readonly cpuIdle: string;
}

/** How busy the host's CPUs are between one read and the next, in VDSM's shape. */
export class CpuUse {
  readonly #proc: Procfs;
  #before: ReadonlyMap<string, CpuTimes> = new Map();
  #use: ReadonlyMap<string, Percentages> = new Map();

  constructor(proc: Procfs) {
    this.#proc = proc;
  }

  /** Percentages as text, of all CPUs and of each on a NUMA node; absent until the second read. */
  async read(nodes: readonly NumaNode[]) {
    const now = await this.#proc.cpuTimes();
    const use = [...now].flatMap(([cpu, times]) => {
      const percentages = this.#between(cpu, times);
      return percentages ? [[cpu, percentages] as const] : [];
    });
    this.#before = now;
    this.#use = new Map(use);
    const each = nodes.flatMap(({ index, cpus }) =>
      cpus.flatMap((cpu) => {
        const percentages = this.#use.get(String(cpu));
        return percentages ? [[cpu, { ...percentages, nodeIndex: index }] as const] : [];
      }),
    );
    const all = this.#use.get('all');
    return all ? { ...all, cpuStatistics: Object.fromEntries(each) } : {};
  }

  /** Two reads within one tick of the clock say nothing new, least of all that nothing was idle. */
  #between(cpu: string, now: CpuTimes): Percentages | undefined {
    const before = this.#before.get(cpu);
    if (!before) return undefined;
    const [user, system, idle] = [
      now.user - before.user,
      now.system - before.system,
      now.idle - before.idle,
    ];
    const total = user + system + idle;
    if (total <= 0) return this.#use.get(cpu);
    const percent = (part: number): string => ((100 * Math.max(0, part)) / total).toFixed(2);
    return { cpuUser: percent(user), cpuSys: percent(system), cpuIdle: percent(idle) };
  }
}
