import type { RunSize, Summary } from './target.ts';

const SMALL = 1000;
const TIMES = 8;
/** The time may grow so many times more than the size: memory management takes its share. */
const MOST = 3;
/** Less is not measured well. */
const LEAST_MS = 20;

/** Compares the processor time that inputs of one shape take with that of inputs that are larger by a factor. */
export function growth<Input>(
  shapes: Readonly<Record<string, (size: number) => Input>>,
  work: (input: Input) => void,
  { isReplay }: RunSize,
): Summary {
  if (isReplay) return { wrong: [], figures: [] };
  const wrong: string[] = [];
  let worst = { name: '', factor: 0 };
  for (const [name, shape] of Object.entries(shapes)) {
    const factor = Math.min(...[1, 2].map(() => factorOf(shape, work)));
    if (factor > worst.factor) worst = { name, factor };
    if (factor > TIMES * MOST) {
      wrong.push(`${String(TIMES)} times as many ${name} take ${factor.toFixed(0)} times as long`);
    }
  }
  const figure = `${String(TIMES)} times the size takes at most ${worst.factor.toFixed(0)} times as long (${worst.name})`;
  return { wrong, figures: [figure] };
}

function factorOf<Input>(shape: (size: number) => Input, work: (input: Input) => void): number {
  const [small, large] = [shape(SMALL), shape(SMALL * TIMES)];
  work(small);
  const before = Math.max(LEAST_MS, time(small, work));
  return time(large, work) / before;
}

/** Returns the processor time in milliseconds. */
function time<Input>(input: Input, work: (input: Input) => void): number {
  const before = process.cpuUsage();
  work(input);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
