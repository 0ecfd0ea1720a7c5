import type { CpuTimes, NumaNode, Procfs } from './procfs.ts';

interface Percentages {
  readonly cpuUser: string;
  readonly cpuSys: string;
  readonly cpuIdle: string;
}

/** Measures the load of the host's CPUs between two calls, in VDSM's shape. */
export class CpuUse {
  readonly #proc: Procfs;
  #before: ReadonlyMap<string, CpuTimes> = new Map();
  #use: ReadonlyMap<string, Percentages> = new Map();

  constructor(proc: Procfs) {
    this.#proc = proc;
  }

  /** Returns percentages as text, for all CPUs and for each CPU of a NUMA node; absent until the second call. */
  async measure(nodes: readonly NumaNode[]) {
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

  /** Returns the previous percentages if both reads fall into the same tick, as nothing can be measured then. */
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
