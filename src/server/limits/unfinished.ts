import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';

/** How long a client may take to send the rest of a message that it has begun. */
const REST_TIMEOUT = Milliseconds(30_000);

/** The deadline of a message that is received in part. */
export class Unfinished {
  readonly #clock: Clock;
  readonly #late: () => void;
  #cancel: Cancel | undefined;

  /** `late` is called 30 s after a message began whose rest has not arrived. */
  constructor(clock: Clock, late: () => void) {
    this.#clock = clock;
    this.#late = late;
  }

  /** Notes after each read whether a message is received in part; `isAnother` if it is not the one of before. */
  update(isPart: boolean, isAnother: boolean): void {
    if (!isPart || isAnother) this.stop();
    if (isPart) this.#cancel ??= this.#clock.after(REST_TIMEOUT, this.#late);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
