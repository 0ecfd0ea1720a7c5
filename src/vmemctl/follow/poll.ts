/** Why following ended: what was awaited has come, the time was over, or the user has had enough. */
export type Ended<T> = { readonly last: T; readonly because: 'done' | 'interrupted' };

export interface PollOptions<T> {
  readonly read: () => Promise<T>;
  readonly isDone: (value: T) => boolean;
  /** Called with each value. */
  readonly onValue: (value: T) => void;
  /** Calls `wake` when a new value is probably there. */
  readonly onNews?: (wake: () => void) => void;
  readonly signal: AbortSignal;
  readonly intervalMs: number;
}

/** Reads a value until it is done: at each news, and every `intervalMs` in between, as news may be lost. */
export async function poll<T>(options: PollOptions<T>): Promise<Ended<T>> {
  const { read, isDone, onValue, signal, intervalMs } = options;
  const bell = new Bell();
  options.onNews?.(() => {
    bell.ring();
  });
  const onAbort = (): void => {
    bell.ring();
  };
  signal.addEventListener('abort', onAbort);
  try {
    for (;;) {
      const last = await read();
      onValue(last);
      if (isDone(last)) return { last, because: 'done' };
      if (signal.aborted) return { last, because: 'interrupted' };
      await bell.heard(intervalMs);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Ends the present wait; a ring without a wait ends the next one. */
class Bell {
  #isRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  async heard(atMostMs: number): Promise<void> {
    if (!this.#isRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, atMostMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#isRung = false;
  }
}
