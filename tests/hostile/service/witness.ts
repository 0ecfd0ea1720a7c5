import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Summary } from '../target.ts';
import type { Phase } from './phases.ts';
import type { Sample, Samples, WitnessTask } from './witnessProcess.ts';

/** How much more vmemd may do for others before it replies than in a quiet phase. */
const MOST_TIMES = 3;
/** Below this a wait, in ms, is no harm, whatever its ratio to a quiet phase. */
const NO_HARM_MS = 50;
const MIN_SAMPLES = 100;

/**
 * A client that behaves well beside hostile ones: a process of its own that sends one request after the other. It is
 * judged by the processor's time that vmemd uses until it replies, which does not depend on how busy the machine is.
 */
export class Witness {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async start(task: WitnessTask): Promise<Witness> {
    const file = fileURLToPath(new URL('./witnessProcess.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', file, JSON.stringify(task)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(child, 'message');
    return new Witness(child);
  }

  /** Says which phase it is. */
  enter(phase: Phase): void {
    if (this.#process.connected) this.#process.send(phase);
  }

  /** Ends it; returns what is wrong, and its figures. */
  async end(): Promise<Summary> {
    if (!this.#process.connected) return { wrong: ['the witness ended'], figures: [] };
    this.#process.send('end');
    const [result] = (await once(this.#process, 'message')) as [Samples | string];
    this.#process.disconnect();
    return typeof result === 'string' ? { wrong: [result], figures: [] } : judged(result);
  }
}

function judged({ quiet, fire }: Samples): Summary {
  const [before, under] = [p99(quiet, 'work'), p99(fire, 'work')];
  const figure =
    `others' p99 ${p99(fire, 'time').toFixed(1)} ms (quiet ${p99(quiet, 'time').toFixed(1)}), ` +
    `of vmemd's own ${under.toFixed(1)} ms (quiet ${before.toFixed(1)}), ${String(fire.length)} calls`;
  const isWrong = fire.length >= MIN_SAMPLES && under > Math.max(NO_HARM_MS, MOST_TIMES * before);
  return { wrong: isWrong ? [`others wait for too long: ${figure}`] : [], figures: [figure] };
}

function p99(samples: readonly Sample[], of: keyof Sample): number {
  const sorted = samples.map((sample) => sample[of]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? NaN;
}
