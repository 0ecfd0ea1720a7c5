import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import type { CpuTimes, NumaNode, Procfs } from './procfs.ts';

interface Percentages {
  readonly cpuUser: string;
  readonly cpuSys: string;
  readonly cpuIdle: string;
}

/** The length of the first interval, for which the first answer waits. */
const FIRST = Milliseconds(500);

/** The load of the host's CPUs over the last whole interval, in VDSM's shape. */
export class CpuUse {
  readonly #proc: Procfs;
  #before: ReadonlyMap<string, CpuTimes> = new Map();
  #use: ReadonlyMap<string, Percentages> = new Map();
  /** Resolves when the first interval is over. */
  #known: Promise<void> = Promise.resolve();

  constructor(proc: Procfs) {
    this.#proc = proc;
  }

  /** Measures from now on, each interval of that length after a short first one. Returns a function that stops it. */
  start(clock: Clock, interval: Milliseconds): Cancel {
    let cancel: Cancel = () => undefined;
    let isStopped = false;
    const next = async (delay: Milliseconds, isOver: () => void): Promise<void> => {
      const isMeasured = await this.#measure();
      if (isStopped) isOver();
      else if (isMeasured) {
        cancel = clock.after(delay, () => {
          void next(interval, () => undefined).then(isOver);
        });
      } else {
        cancel = clock.after(FIRST, () => void next(delay, isOver));
      }
    };
    this.#known = new Promise((resolve) => {
      void next(FIRST, resolve);
    });
    return () => {
      isStopped = true;
      cancel();
    };
  }

  /** Returns percentages as text, for all CPUs and for each CPU of a NUMA node; absent unless it was started. */
  async read(nodes: readonly NumaNode[]) {
    await this.#known;
    const each = nodes.flatMap(({ index, cpus }) =>
      cpus.flatMap((cpu) => {
        const percentages = this.#use.get(String(cpu));
        return percentages ? [[cpu, { ...percentages, nodeIndex: index }] as const] : [];
      }),
    );
    const all = this.#use.get('all');
    return all ? { ...all, cpuStatistics: Object.fromEntries(each) } : {};
  }

  /** Returns false if the host cannot be read now, as the simulated one before it is connected. */
  async #measure(): Promise<boolean> {
    const now = await this.#proc.cpuTimes().catch(() => undefined);
    if (!now) return false;
    const use = [...now].flatMap(([cpu, times]) => {
      const percentages = this.#between(cpu, times);
      return percentages ? [[cpu, percentages] as const] : [];
    });
    this.#before = now;
    this.#use = new Map(use);
    return true;
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
