import { once } from 'node:events';
import { inThread } from './inThread.ts';
import type { Report, Task } from './worker.ts';

/** Time without another input after which the last one is a hang; some of the long form open thousands of connections. */
const [HANG_MS, LONG_HANG_MS] = [180_000, 1_800_000];
const LOOK_MS = 1000;
/** Findings of one kind that are kept. */
const ALIKE = 3;

type Found = Omit<Extract<Report, { kind: 'found' }>, 'kind'>;

/** How the inputs of one target went. */
export interface Outcome {
  readonly tried: number;
  readonly seconds: number;
  readonly wrong: readonly string[];
  readonly figures: readonly string[];
}

/**
 * Tries inputs in a thread, which a hang or a lack of memory ends; calls `found` for each finding that is not like
 * others. The input of one that ended the thread is undefined.
 */
export async function tryTarget(
  task: Omit<Task, 'progress'>,
  found: (finding: Found) => void,
): Promise<Outcome> {
  const progress = new Int32Array(new SharedArrayBuffer(8));
  const began = performance.now();
  const worker = inThread(new URL('./worker.ts', import.meta.url), {
    ...task,
    progress,
  } satisfies Task);
  const hang = task.isLong ? LONG_HANG_MS : HANG_MS;
  const wrong: string[] = [];
  const figures: string[] = [];
  const kinds = new Map<string, number>();
  const early = (): void => {
    wrong.push('its thread ended before its inputs did');
  };
  worker.on('exit', early);
  worker.on('message', (report: Report) => {
    if (report.kind === 'end') {
      wrong.push(...report.wrong);
      figures.push(...report.figures);
      worker.off('exit', early);
      // a thread with an open handle does not end by itself
      void worker.terminate();
      return;
    }
    const kind = report.found.replace(/\d+/g, '#').slice(0, 80);
    const count = (kinds.get(kind) ?? 0) + 1;
    kinds.set(kind, count);
    if (count <= ALIKE) found(report);
  });
  const ended = (why: string): void => {
    wrong.push(why);
    if (Atomics.load(progress, 0) === 0) return;
    found({ seed: Atomics.load(progress, 1), input: undefined, found: why });
  };
  worker.on('error', (error: Error) => {
    ended(`the thread ended by ${error.stack ?? error.message}`);
  });
  let last = 0;
  let movedAt = performance.now();
  const timer = setInterval(() => {
    const [count = 0] = progress;
    if (count !== last) movedAt = performance.now();
    last = count;
    if (performance.now() - movedAt < hang) return;
    ended(`it hangs for ${String(hang / 1000)} s`);
    clearInterval(timer);
    void worker.terminate();
  }, LOOK_MS);
  await once(worker, 'exit');
  clearInterval(timer);
  for (const [kind, count] of kinds) wrong.push(`${String(count)} × ${kind}`);
  return {
    tried: Atomics.load(progress, 0),
    seconds: (performance.now() - began) / 1000,
    wrong,
    figures,
  };
}
