import { KiB } from '../../../common/units.ts';
import { between, random } from './random.ts';
import { quiet, type Workload } from './workload.ts';

/** How the size of a working set varies around its usual size. */
export type Load = 'steady' | 'busy' | 'wave' | 'bursts' | 'leak';

/** What a guest's programs do with the memory that they do not need. */
export type FileUse = 'streams' | 'reads' | 'churns';

/** Periods in milliseconds of running time. */
const WAVE = 600_000;
const [BURST, BETWEEN_BURSTS] = [60_000, 300_000];
const LEAK = 1_800_000;

/** Returns the working set at an age in milliseconds, as a multiple of its usual size; guests differ by their seed. */
export function loadFactor(load: Load, age: number, seed: number): number {
  const phase = random(seed, 'phase of the load');
  switch (load) {
    case 'steady':
      return 1;
    case 'busy':
      return between(0.6, 1.4, seed, `working set ${String(age / 5000)}`);
    case 'wave':
      return 1 + 0.6 * Math.sin(2 * Math.PI * (age / WAVE + phase));
    case 'bursts':
      return (age + phase * BETWEEN_BURSTS) % BETWEEN_BURSTS < BURST ? 2 : 1;
    case 'leak':
      // then the program is started anew
      return 1 + (2 * (age % LEAK)) / LEAK;
  }
}

/** Returns what the programs of a guest with so much boot memory do second by second. */
export function workloadOf(use: FileUse, memory: KiB): Workload {
  switch (use) {
    case 'streams':
      return { ...quiet, streamRate: KiB(20 * 1024) };
    case 'reads':
      return { ...quiet, files: KiB(Math.floor(memory / 2)), readRate: KiB(60 * 1024) };
    case 'churns':
      return { ...quiet, churnRate: KiB(40 * 1024) };
  }
}
