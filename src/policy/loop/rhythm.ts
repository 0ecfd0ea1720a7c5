import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import type { Cause } from './round.ts';

export interface RhythmParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** From the beginning of a round to that of the next. */
  readonly interval: Milliseconds;
  /** Calls the listener when tasks of the host begin to wait for memory. */
  readonly watchStall: (listener: () => void) => Cancel;
  readonly hold: (cause: Cause) => Promise<void>;
}

/** The least time from the end of a round to the next one, and between the beginnings of two. */
const LEAST_PAUSE = Milliseconds(100);
const LEAST_INTERVAL = Milliseconds(1000);

/** Holds rounds, never two at once: one each interval, and one at once when the host stalls or the rounds are turned on. */
export class Rhythm {
  readonly #parts: RhythmParts;
  #isStarted = false;
  #isWanted = false;
  #isHeld = false;
  #begunAt = Milliseconds(-Infinity);
  /** A round that is to follow the present one at once. */
  #next: Cause | undefined;
  #cancelTimer: Cancel = () => undefined;
  #cancelWatch: Cancel = () => undefined;

  constructor(parts: RhythmParts) {
    this.#parts = parts;
  }

  /** Whether rounds are held, and may send something. */
  get isOn(): boolean {
    return this.#isStarted && this.#isWanted;
  }

  /** Rounds can be held from now on. */
  start(): void {
    this.#isStarted = true;
    this.#resume();
  }

  /** Turns rounds on or off; what already runs is not interrupted. */
  turn(isWanted: boolean): void {
    this.#isWanted = isWanted;
    if (isWanted) this.#resume();
    else this.#pause();
  }

  /** Holds no more rounds. */
  stop(): void {
    this.#isStarted = false;
    this.#pause();
  }

  #resume(): void {
    if (!this.isOn) return;
    this.#cancelWatch();
    this.#cancelWatch = this.#parts.watchStall(() => {
      this.#soon('stall');
    });
    this.#soon('request');
  }

  #pause(): void {
    this.#cancelTimer();
    this.#cancelWatch();
    this.#next = undefined;
  }

  /** Holds a round as soon as one may be held. */
  #soon(cause: Cause): void {
    if (this.#isHeld) this.#next = cause;
    else this.#after(Milliseconds(this.#begunAt + LEAST_INTERVAL - this.#parts.clock.now()), cause);
  }

  #after(delay: Milliseconds, cause: Cause): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#parts.clock.after(Milliseconds(Math.max(0, delay)), () => {
      void this.#hold(cause);
    });
  }

  async #hold(cause: Cause): Promise<void> {
    const { clock, hold, log } = this.#parts;
    if (this.#isHeld || !this.isOn) return;
    this.#isHeld = true;
    this.#begunAt = clock.now();
    try {
      await hold(cause);
    } catch (err) {
      log.error({ event: 'bug', err }, 'a round of the policy failed unexpectedly');
    }
    this.#isHeld = false;
    this.#plan();
  }

  /** Plans the round after one that has ended. */
  #plan(): void {
    const { clock, interval } = this.#parts;
    const next = this.#next;
    this.#next = undefined;
    const left = Math.max(LEAST_PAUSE, this.#begunAt + interval - clock.now());
    if (!this.isOn) return;
    if (next) this.#soon(next);
    else this.#after(Milliseconds(left), 'interval');
  }
}
