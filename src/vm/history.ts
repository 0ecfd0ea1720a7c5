import type { BalloonSample } from '../host/hypervisor.ts';
import type { KiB, Milliseconds } from '../units.ts';

/** A sample with the moment it was taken, on the clock. */
export interface Sampled extends BalloonSample {
  readonly at: Milliseconds;
}

/** The newest sample and the one before it, where there are any. */
export interface Samples {
  readonly newest?: Sampled | undefined;
  readonly previous?: Sampled | undefined;
}

/** The last samples of one run of a VM, oldest first, and never more than `size` of them. */
export class History implements Samples, Iterable<Sampled> {
  readonly #size: number;
  readonly #samples: Sampled[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  get newest(): Sampled | undefined {
    return this.#samples.at(-1);
  }
  get previous(): Sampled | undefined {
    return this.#samples.at(-2);
  }

  [Symbol.iterator](): IterableIterator<Sampled> {
    return this.#samples.values();
  }

  push(sample: Sampled): void {
    this.#samples.push(sample);
    if (this.#samples.length > this.#size) this.#samples.shift();
  }

  /** Takes in what the balloon leaves now, between two samples. */
  correctCurrent(current: KiB): void {
    const { newest } = this;
    if (newest) this.#samples.splice(-1, 1, { ...newest, current });
  }

  clear(): void {
    this.#samples.length = 0;
  }
}
