import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { readFinding } from './corpus.ts';
import { Random } from './random.ts';
import { Reached } from './reached.ts';
import type { Trials } from './target.ts';
import { targets } from './targets.ts';

/** What a worker is to do. */
export interface Task {
  readonly target: string;
  /** The seed of the first input; further ones follow. */
  readonly seed: number;
  readonly inputs: number;
  readonly isLong: boolean;
  /** The file of a finding that is tried instead. */
  readonly replay: string | undefined;
  /** Whether it reports which parts of vmemd's source no input has reached; of targets in this process. */
  readonly unreached: boolean;
  /** How many inputs were begun, and the seed of the newest. */
  readonly progress: Int32Array;
}

/** What a worker reports. */
export type Report =
  | {
      readonly kind: 'found';
      readonly seed: number;
      readonly input: unknown;
      readonly found: string;
    }
  | {
      readonly kind: 'end';
      readonly wrong: readonly string[];
      readonly figures: readonly string[];
    };

/** Memory that may remain after all inputs. */
const MAX_GROWTH_MB = 30;
const MB = 1e6;

const task = workerData as Task;
const report = (message: Report): void => parentPort?.postMessage(message);
const target = targets.find(({ name }) => name === task.target);
if (!target) throw new Error(`there is no target ${task.target}`);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heap = (): number => {
  collect();
  return process.memoryUsage().heapUsed / MB;
};

const reached = task.unreached ? await Reached.watch() : undefined;
const trials: Trials<unknown> = await target.open({
  isLong: task.isLong,
  isReplay: task.replay !== undefined,
});
const replayed = task.replay === undefined ? undefined : readFinding(task.replay).input;
let next = 0;

async function work(until: number): Promise<void> {
  while (next < until) {
    const at = next++;
    const seed = (task.seed + at) | 0;
    const input = replayed ?? target?.all?.[at] ?? target?.make(new Random(seed));
    task.progress[1] = seed;
    Atomics.add(task.progress, 0, 1);
    const found = await judged(input);
    if (found !== undefined) report({ kind: 'found', seed, input, found });
  }
}

async function judged(input: unknown): Promise<string | undefined> {
  try {
    return await trials.judge(input);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

const tryUntil = (until: number): Promise<unknown> =>
  Promise.all(Array.from({ length: trials.width ?? 1 }, () => work(until)));

// what is kept on purpose, such as compiled code, is there after a part of the inputs
await tryUntil(Math.ceil(task.inputs / 5));
const before = heap();
await tryUntil(task.inputs);
const growth = heap() - before;
const { wrong, figures } = (await trials.close?.()) ?? { wrong: [], figures: [] };
// connections and what they have received are garbage of this process, not of vmemd
const grown =
  growth > MAX_GROWTH_MB && !target.all ? [`the heap grew by ${growth.toFixed(0)} MB`] : [];
const blocks = (await reached?.unreached())?.map((block) => `\n       not reached: ${block}`) ?? [];
report({ kind: 'end', wrong: [...wrong, ...grown], figures: [...figures, ...blocks] });
