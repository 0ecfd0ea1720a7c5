import type { BalloonSample } from '../host/hypervisor.ts';
import { KiB, type Milliseconds } from '../common/units.ts';

/** A sample with the time it was taken, on the clock. */
export interface Sampled extends BalloonSample {
  readonly at: Milliseconds;
  /** What the balloon held when the sample was taken. */
  readonly balloonHeld?: KiB;
  /** The least that the balloon may have held when the guest made the report in this sample. */
  readonly heldAtReport?: KiB;
}

/** The newest sample, and the last one with an earlier report of the guest; undefined if there is none. */
export interface Samples {
  readonly newest?: Sampled | undefined;
  readonly previous?: Sampled | undefined;
}

/** The last samples of one run of a VM, oldest first; at most `size`. */
export class History implements Samples, Iterable<Sampled> {
  readonly #size: number;
  readonly #samples: Sampled[] = [];
  #previous: Sampled | undefined;
  #reportSeenAt: Milliseconds | undefined;
  /** The least that the balloon held since the newest sample was taken. */
  #leastHeld: KiB | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  get newest(): Sampled | undefined {
    return this.#samples.at(-1);
  }
  get previous(): Sampled | undefined {
    return this.#previous;
  }
  /** When the guest's last report was first seen, on the clock. */
  get reportSeenAt(): Milliseconds | undefined {
    return this.#reportSeenAt;
  }

  [Symbol.iterator](): IterableIterator<Sampled> {
    return this.#samples.values();
  }

  /** Adds a sample; if it has no report of the guest, the last report and its age are kept. */
  push(sample: Sampled): void {
    const { newest: before } = this;
    const hasReport = sample.lastUpdate !== undefined || before?.lastUpdate === undefined;
    const now = hasReport ? sample : { ...guestsPart(before), ...sample };
    const isNewReport = !before || before.lastUpdate !== now.lastUpdate;
    if (before && isNewReport) this.#previous = before;
    if (isNewReport) this.#reportSeenAt = now.at;
    // The guest reported at some moment between the two samples.
    const held = isNewReport ? lesser(this.#leastHeld, now.balloonHeld) : before.heldAtReport;
    this.#leastHeld = now.balloonHeld;
    this.#samples.push(held === undefined ? now : { ...now, heldAtReport: held });
    if (this.#samples.length > this.#size) this.#samples.shift();
  }

  /** Updates the newest sample with what the balloon leaves and holds now, in KiB. */
  correctBalloon(current: KiB, balloonHeld: KiB): void {
    const { newest } = this;
    if (!newest) return;
    this.#leastHeld = lesser(this.#leastHeld, balloonHeld);
    this.#samples.splice(-1, 1, { ...newest, current, balloonHeld });
  }

  clear(): void {
    this.#samples.length = 0;
    this.#previous = undefined;
    this.#reportSeenAt = undefined;
    this.#leastHeld = undefined;
  }
}

const lesser = (a: KiB | undefined, b: KiB | undefined): KiB | undefined =>
  a === undefined || b === undefined ? (a ?? b) : KiB(Math.min(a, b));

const GUESTS = [
  'available',
  'unused',
  'usable',
  'diskCaches',
  'swapIn',
  'swapOut',
  'majorFaults',
  'minorFaults',
  'lastUpdate',
] as const satisfies readonly (keyof BalloonSample)[];

/** Returns the part of a sample that the guest reported. */
const guestsPart = (sample: Sampled): Pick<Sampled, (typeof GUESTS)[number]> =>
  Object.fromEntries(
    GUESTS.flatMap((name) => (sample[name] === undefined ? [] : [[name, sample[name]]])),
  );
