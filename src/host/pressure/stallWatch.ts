import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';

/** A stall: tasks wait for memory for 150 ms of a second, as in the kernel's documentation of PSI triggers. */
const STALL = Milliseconds(150);
const WINDOW = Milliseconds(1000);
/** A stall that is this long gone has ended; another one is a new stall. */
const CALM = Milliseconds(10_000);
/** Half a window, so that a stall is noticed before a second of it has passed. */
const PERIOD = Milliseconds(500);
/** A kernel without PSI, or a file that is missing, is not asked that often. */
const PERIOD_IF_UNKNOWN = Milliseconds(10_000);

interface Sample {
  readonly at: Milliseconds;
  /** Seconds since boot that tasks have waited. */
  readonly total: number;
}

/** What {@link StallDetector} has seen, plain data. */
export interface StallState {
  /** The samples of the last window, and the last before them. */
  readonly samples: readonly Sample[];
  /** When the present stall was last seen; absent if there is none. */
  readonly stalledAt?: Milliseconds;
}

/** Returns the state with one more sample, and whether a stall begins with it. */
export function afterSample(
  { samples, stalledAt }: StallState,
  sample: Sample,
): { state: StallState; begins: boolean } {
  const { at, total } = sample;
  // a total that falls is another kernel's, or another file
  const known = samples.filter((each) => each.total <= total);
  const old = known.filter((each) => at - each.at >= WINDOW).slice(-1);
  const kept = [...old, ...known.filter((each) => at - each.at < WINDOW)];
  const since = kept[0];
  const waited = since ? (total - since.total) * 1000 : 0;
  const elapsed = Math.max(WINDOW, since ? at - since.at : 0);
  const isStall = waited * WINDOW >= STALL * elapsed;
  const goesOn = stalledAt !== undefined && (isStall || at - stalledAt < CALM);
  const last = isStall ? at : stalledAt;
  return {
    state: {
      samples: [...kept, sample],
      ...((isStall || goesOn) && last !== undefined && { stalledAt: last }),
    },
    begins: isStall && !goesOn,
  };
}

export interface StallWatchParts {
  readonly clock: Clock;
  /** Returns the seconds since boot that tasks have waited; undefined if that is unknown. */
  readonly total: () => Promise<number | undefined>;
}

/**
 * Watches for stalls while it has listeners. It samples, since Node cannot wait for the event of a PSI trigger; the
 * kernel brings the total up to date whenever it is read.
 */
export class StallWatch {
  readonly #parts: StallWatchParts;
  readonly #listeners = new Set<() => void>();
  #cancel: Cancel | undefined;
  #state: StallState = { samples: [] };

  constructor(parts: StallWatchParts) {
    this.#parts = parts;
  }

  /** Calls `listener` when a stall begins. Returns a function that removes it. */
  listen(listener: () => void): Cancel {
    // the same function may listen twice
    const own = (): void => {
      listener();
    };
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.#wait(PERIOD);
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  #wait(period: Milliseconds): void {
    this.#cancel = this.#parts.clock.after(period, () => void this.#look());
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#state = { samples: [] };
  }

  async #look(): Promise<void> {
    const { clock, total } = this.#parts;
    const waiting = this.#cancel;
    const known = await total().catch(() => undefined);
    if (this.#cancel !== waiting) return;
    if (known !== undefined) {
      const { state, begins } = afterSample(this.#state, { at: clock.now(), total: known });
      this.#state = state;
      if (begins) for (const listener of [...this.#listeners]) listener();
    }
    if (this.#cancel === waiting) this.#wait(known === undefined ? PERIOD_IF_UNKNOWN : PERIOD);
  }
}
