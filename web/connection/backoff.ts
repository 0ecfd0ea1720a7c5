const SHORTEST_MS = 250;
const LONGEST_MS = 5000;

/** Pauses between attempts to connect: they double from 250 ms to 5 s, a third of each left to chance. */
export class Backoff {
  #pause = SHORTEST_MS;

  /** Returns the pause before the next attempt, in ms. */
  next(): number {
    const pause = this.#pause;
    this.#pause = Math.min(LONGEST_MS, 2 * pause);
    return pause * (1 - Math.random() / 3);
  }

  reset(): void {
    this.#pause = SHORTEST_MS;
  }
}
