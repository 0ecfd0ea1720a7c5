import type { Clock } from '../common/clock.ts';
import type { Eventual } from '../common/eventual.ts';
import type { Call } from './call.ts';
import type { Caller } from './request.ts';

/** How long requests may run in one turn of the event loop. */
const BUDGET_MS = 10;

interface Waiting {
  readonly caller: Caller;
  /** Must not throw. */
  readonly run: () => void;
}

/**
 * Divides the time of the event loop. What arrives in one turn runs at its end, all together, and the replies are written
 * after that: this takes less time than to read, run and write one by one. After 10 ms the rest waits for the next turn,
 * and connections alternate, so that many long requests of one hold up those of another only a little.
 */
export class Turns {
  readonly #maxOutstanding: number;
  #waiting: Waiting[] = [];
  #isPlanned = false;

  /** `maxOutstanding`: requests of one connection that wait or run. */
  constructor(maxOutstanding: number) {
    this.#maxOutstanding = maxOutstanding;
  }

  /** Runs `run` in the connection's turn; at once, to be refused, if too many of its requests wait or run. */
  add(caller: Caller, run: () => void): void {
    if (caller.outstanding >= this.#maxOutstanding) {
      run();
      return;
    }
    caller.outstanding++;
    this.#waiting.push({ caller, run });
    this.#plan();
  }

  /** As {@link add}; returns the promise of the result. */
  take<T>(caller: Caller, run: () => Eventual<T>): Promise<T> {
    return new Promise((resolve) => {
      this.add(caller, () => {
        resolve(run());
      });
    });
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(this.#run);
  }

  readonly #run = (): void => {
    this.#isPlanned = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    const end = performance.now() + BUDGET_MS;
    let count = 0;
    for (const { caller, run } of waiting) {
      count++;
      caller.outstanding--;
      run();
      if (performance.now() >= end) break;
    }
    if (count === waiting.length) return;
    this.#waiting = alternating([...waiting.slice(count), ...this.#waiting]);
    this.#plan();
  };
}

/** Returns the first of each connection, then the second of each, and so on. */
function alternating(waiting: readonly Waiting[]): Waiting[] {
  const rounds: Waiting[][] = [];
  const counts = new Map<Caller, number>();
  for (const each of waiting) {
    const count = counts.get(each.caller) ?? 0;
    counts.set(each.caller, count + 1);
    (rounds[count] ??= []).push(each);
  }
  return rounds.flat();
}

/** Returns `call` with each call in its connection's turn. */
export const inTurns =
  (call: Call, turns: Turns, clock: Clock): Call =>
  (method, params, origin, encode) => {
    const received = { receivedAt: clock.now(), ...origin };
    return turns.take(origin.caller, () => call(method, params, received, encode));
  };
