import { nextTurn } from './nextTurn.ts';

/** How long a piece of work may hold the event loop at once, in milliseconds. */
const STRETCH_MS = 4;

/** Says when a long piece of work is to let everything else that waits in the process have its turn. */
export class Pace {
  #began = performance.now();

  /** Whether the work has held the event loop for long enough. */
  get isDue(): boolean {
    return performance.now() - this.#began >= STRETCH_MS;
  }

  async rest(): Promise<void> {
    await nextTurn();
    this.#began = performance.now();
  }
}
