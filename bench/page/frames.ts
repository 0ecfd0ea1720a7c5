/** What Chromium's tracing gives, as far as it is read here; times in µs. */
export interface Trace {
  readonly traceEvents: readonly TraceEvent[];
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  /** How long it took. */
  readonly dur?: number;
  /** The processor's time of it: other programs do not count. */
  readonly tdur?: number;
  readonly pid: number;
  readonly tid: number;
}

const FRAME_MS = 16;
const US_PER_MS = 1000;

/** Returns the work of the page's main thread in each frame, in ms, and the share of frames above 16 ms. */
export function framesOf({ traceEvents }: Trace): {
  readonly work: readonly number[];
  readonly late: number;
} {
  const frames = traceEvents.filter(({ name }) => name === 'FireAnimationFrame');
  const [{ pid, tid } = { pid: NaN, tid: NaN }] = frames;
  const starts = frames.map(({ ts }) => ts).sort((a, b) => a - b);
  const work = new Array<number>(Math.max(0, starts.length - 1)).fill(0);
  const tasks = traceEvents
    .filter((event) => event.pid === pid && event.tid === tid && event.name === 'RunTask')
    .sort((a, b) => a.ts - b.ts);
  let frame = 0;
  for (const { ts, dur = 0, tdur = dur } of tasks) {
    // a frame begins with the task that runs its callbacks
    while (frame + 1 < starts.length && (starts[frame + 1] ?? Infinity) < ts + dur) frame += 1;
    if (frame < work.length && ts + dur >= (starts[0] ?? 0))
      work[frame] = (work[frame] ?? 0) + tdur / US_PER_MS;
  }
  const late = work.filter((each) => each > FRAME_MS).length / work.length;
  return { work, late };
}
