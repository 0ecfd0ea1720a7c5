/** How long requests may run in one turn of the event loop. */
const BUDGET_MS = 10;

/**
 * Divides the time of the event loop: once the requests of one turn have run for 10 ms, further ones wait for the next
 * turns, in which connections alternate, so that many long requests of one hold up those of another only a little.
 */
export class Turns {
  /** Requests that wait, by connection; the first connection is the next one. */
  readonly #waiting = new Map<object, (() => void)[]>();
  /** When the budget of this turn is used up; undefined before its first request. */
  #end: number | undefined;

  /** Returns undefined if a request of this connection may run now, else a promise that fulfils when it may. */
  wait(connection: object): Promise<void> | undefined {
    const now = performance.now();
    this.#end ??= this.#begin(now);
    if (this.#waiting.size === 0 && now < this.#end) return undefined;
    return new Promise((resolve) => {
      const queue = this.#waiting.get(connection);
      if (queue) queue.push(resolve);
      else this.#waiting.set(connection, [resolve]);
    });
  }

  #begin(now: number): number {
    setImmediate(() => {
      this.#end = undefined;
      this.#resume();
    });
    return now + BUDGET_MS;
  }

  /** Lets waiting requests run, one after the other, until the budget of this turn is used up. */
  #resume(): void {
    const [next] = this.#waiting;
    if (!next) return;
    const now = performance.now();
    this.#end ??= this.#begin(now);
    if (now >= this.#end) return;
    const [connection, [run, ...others]] = next;
    this.#waiting.delete(connection);
    if (others.length > 0) this.#waiting.set(connection, others);
    run?.();
    // after what the request does before it waits itself
    queueMicrotask(() => {
      this.#resume();
    });
  }
}
