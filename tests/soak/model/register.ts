interface Write<T> {
  readonly value: T;
  readonly began: number;
  /** When it was known to be over; undefined until then, or if its client never learned it. */
  ended: number | undefined;
  /** Whether it was answered as done. */
  isDone: boolean;
}

/** Ends one write: done; failed, which may have been done in spite of that; or lost, which may even be done later. */
export type EndWrite = (how: 'done' | 'failed' | 'lost' | 'void') => void;

let now = 0;

/** What a value can be after writes at the same time, of which some failed or were lost. */
export class Register<T> {
  #writes: Write<T>[] = [];
  /** Whether it was ever known: until then it can be anything. */
  #isKnown = false;

  constructor(initial?: T) {
    if (initial !== undefined) this.settle(initial);
  }

  /** A write begins. */
  write(value: T): EndWrite {
    const write: Write<T> = { value, began: (now += 1), ended: undefined, isDone: false };
    this.#writes.push(write);
    return (how) => {
      if (how === 'void') this.#writes = this.#writes.filter((each) => each !== write);
      if (how !== 'lost') write.ended = now += 1;
      write.isDone = how === 'done';
      if (!write.isDone) return;
      this.#isKnown = true;
      this.#writes = this.#possible();
    };
  }

  /** The value is known. */
  settle(value: T): void {
    const at = (now += 1);
    this.#isKnown = true;
    this.#writes = [{ value, began: at, ended: at, isDone: true }];
  }

  /** Returns whether it can be this value now. */
  allows(value: T): boolean {
    return !this.#isKnown || this.#writes.some((write) => write.value === value);
  }

  toString(): string {
    return [...new Set(this.#writes.map(({ value }) => String(value)))].join(' or ');
  }

  /** Those that no later one has surely replaced. */
  #possible(): Write<T>[] {
    return this.#writes.filter(
      ({ ended = Infinity }) => !this.#writes.some(({ isDone, began }) => isDone && began > ended),
    );
  }
}
