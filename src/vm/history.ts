import type { BalloonSample } from '../host/hypervisor.ts';
import { KiB, Milliseconds, type Seconds } from '../common/units.ts';
import type { Range } from '../memory/usage.ts';
import { BalloonTimeline } from './balloonTimeline.ts';
import { type BootStart, GuestBoot } from './guestBoot.ts';

/** A sample with the time it was taken, on the clock. */
export interface Sampled extends BalloonSample {
  readonly at: Milliseconds;
  /** What the balloon held when the sample was taken. */
  readonly balloonHeld?: KiB | undefined;
  /** What the balloon may have held when the guest made the report in this sample; absent if that is unknown. */
  readonly heldAtReport?: Range | undefined;
}

/** The newest sample, and the last one with an earlier report of the guest; undefined if there is none. */
export interface Samples {
  readonly newest?: Sampled | undefined;
  readonly previous?: Sampled | undefined;
}

/** When a sample was taken. */
export interface Taken {
  /** When the hypervisor was asked, on the clock. */
  readonly askedAt: Milliseconds;
  /** When the sample was there. */
  readonly wallTime: Seconds;
}

/** How long before its time a report was measured at most: the guest sends it as soon as it can. */
const GUEST_DELAY = 1000;
/** The time of a report has whole seconds. */
const RESOLUTION = 1000;

/**
 * The last samples of one run of a VM, oldest first; at most `size`. What the guest reported ends with its boot.
 */
export class History implements Samples, Iterable<Sampled> {
  readonly #size: number;
  readonly #balloon = new BalloonTimeline();
  #samples: readonly Sampled[] = [];
  #boot: GuestBoot;
  #previous: Sampled | undefined;
  #reportSeenAt: Milliseconds | undefined;
  #figures: Samples = {};
  /** Whether the hypervisor may still count the balloon of the boot before: a reset empties it without an event. */
  #isHeldUnknown = false;
  /** When the hypervisor was asked for the newest sample. */
  #askedAt: Milliseconds | undefined;
  /** When the balloon's size was last known from elsewhere than a sample. */
  #movedAt = Milliseconds(-Infinity);

  constructor(size: number, start: BootStart = { at: undefined }) {
    this.#size = size;
    this.#boot = new GuestBoot(start);
  }

  get newest(): Sampled | undefined {
    return this.#samples.at(-1);
  }
  /** The sample before the newest one. */
  get preceding(): Sampled | undefined {
    return this.#samples.at(-2);
  }
  get previous(): Sampled | undefined {
    return this.#previous;
  }
  /** When the guest's last report was first seen, on the clock. */
  get reportSeenAt(): Milliseconds | undefined {
    return this.#reportSeenAt;
  }

  /** The last report of this boot that had the guest's figures, and the one before it. */
  get figures(): Samples {
    return this.#figures;
  }

  [Symbol.iterator](): IterableIterator<Sampled> {
    return this.#samples.values();
  }

  /** Adds a sample; if it has no report of the guest, the last report and its age are kept. */
  push(taken: Sampled, { askedAt, wallTime }: Taken): void {
    const { newest: before } = this;
    const given = this.#withKnownBalloon(taken, askedAt);
    const isOfBoot = this.#boot.take(given.lastUpdate, wallTime);
    this.#noteBalloon(taken.balloonHeld, askedAt, taken.at);
    this.#isHeldUnknown &&= !isOfBoot && given.balloonHeld !== 0;
    const host = this.#isHeldUnknown ? withoutBalloon(given) : given;
    const sample = isOfBoot ? given : hostsPart(host);
    const now = before && sample.lastUpdate === undefined ? withReport(sample, before) : sample;
    if (before && before.lastUpdate === now.lastUpdate) this.#add(now, before.heldAtReport);
    else this.#addReport(now, wallTime);
    // A report that comes later was measured after the hypervisor was asked for this sample.
    this.#balloon.dropBefore(Milliseconds(askedAt - GUEST_DELAY));
    this.#askedAt = askedAt;
  }

  /** A sample that was asked for before the balloon moved may tell its size of before. */
  #withKnownBalloon(sample: Sampled, askedAt: Milliseconds): Sampled {
    const { current, balloonHeld } = this.newest ?? {};
    if (askedAt > this.#movedAt || current === undefined || balloonHeld === undefined)
      return sample;
    return { ...sample, current, balloonHeld };
  }

  #add(sample: Sampled, held: Range | undefined): void {
    this.#samples = [...this.#samples, { ...sample, heldAtReport: held }].slice(-this.#size);
  }

  /** Adds a sample with another report than the one before. */
  #addReport(sample: Sampled, wallTime: Seconds): void {
    this.#previous = this.newest ?? this.#previous;
    this.#reportSeenAt = sample.at;
    this.#add(sample, this.#heldAtReport(sample, wallTime));
    if (sample.available === undefined) return;
    this.#figures = { newest: sample, previous: this.#previous };
  }

  /** Updates the newest sample with what the balloon leaves and holds now, in KiB, by an event of the balloon. */
  moveBalloon(current: KiB, balloonHeld: KiB, now: Milliseconds): void {
    this.#isHeldUnknown = false;
    this.#movedAt = now;
    this.#noteBalloon(balloonHeld, now);
    const { newest } = this;
    if (newest)
      this.#samples = [...this.#samples.slice(0, -1), { ...newest, current, balloonHeld }];
  }

  /** Updates the newest sample after memory came or went: sizes of the balloon before are not known exactly. */
  correctBalloon(current: KiB, balloonHeld: KiB, now: Milliseconds): void {
    this.#balloon.clear();
    if (!this.#isHeldUnknown) this.moveBalloon(current, balloonHeld, now);
  }

  /** Forgets how the balloon moved, as its events may have been lost. */
  forgetBalloon(): void {
    this.#balloon.clear();
  }

  /** Begins another run. */
  beginRun(at: Milliseconds | undefined): void {
    this.clear();
    this.#boot = new GuestBoot({ at });
  }

  /** Begins another boot of the guest in the same run: the newest sample keeps what the hypervisor itself knows. */
  beginBoot(at: Milliseconds | undefined, now: Milliseconds): void {
    const { newest } = this;
    this.#boot = new GuestBoot({ at, lastUpdate: newest?.lastUpdate });
    this.#isHeldUnknown ||= (newest?.balloonHeld ?? 0) > 0;
    this.#samples =
      newest ? [hostsPart(this.#isHeldUnknown ? withoutBalloon(newest) : newest)] : [];
    this.#forgetReports();
    this.#movedAt = Milliseconds(-Infinity);
    this.#noteBalloon(newest?.balloonHeld, now);
  }

  clear(): void {
    this.#samples = [];
    this.#isHeldUnknown = false;
    this.#forgetReports();
    this.#askedAt = undefined;
    this.#movedAt = Milliseconds(-Infinity);
    this.#balloon.clear();
  }

  #forgetReports(): void {
    this.#previous = this.#reportSeenAt = undefined;
    this.#figures = {};
  }

  /** Until its driver reports, a guest that boots may hold less than QEMU has counted in the boot before. */
  #noteBalloon(held: KiB | undefined, from: Milliseconds, to = from): void {
    if (held === undefined) return;
    const least = this.#boot.hasReported ? held : KiB(0);
    this.#balloon.add({ from, to, least, most: held });
  }

  /** The guest measured between the sample before and this one; its clock reading narrows that, unless it was set. */
  #heldAtReport({ at, lastUpdate }: Sampled, wallTime: Seconds): Range | undefined {
    if (!lastUpdate) return undefined;
    const reportedAt = at - (wallTime - lastUpdate) * 1000;
    const first = (this.#askedAt ?? -Infinity) - GUEST_DELAY;
    const from = Math.max(first, reportedAt - GUEST_DELAY);
    const to = Math.min(at, reportedAt + RESOLUTION);
    return from < to ?
        this.#balloon.between(Milliseconds(from), Milliseconds(to))
      : this.#balloon.between(Milliseconds(first), at);
  }
}

/** What a guest reports, without values. */
const NO_REPORT = {
  available: undefined,
  unused: undefined,
  usable: undefined,
  diskCaches: undefined,
  swapIn: undefined,
  swapOut: undefined,
  majorFaults: undefined,
  minorFaults: undefined,
  lastUpdate: undefined,
  heldAtReport: undefined,
} as const satisfies Partial<Sampled>;

/** Returns a sample with the guest's last report, which it lacks. */
const withReport = (sample: Sampled, before: Sampled): Sampled => ({
  ...sample,
  available: sample.available ?? before.available,
  unused: sample.unused ?? before.unused,
  usable: sample.usable ?? before.usable,
  diskCaches: sample.diskCaches ?? before.diskCaches,
  swapIn: sample.swapIn ?? before.swapIn,
  swapOut: sample.swapOut ?? before.swapOut,
  majorFaults: sample.majorFaults ?? before.majorFaults,
  minorFaults: sample.minorFaults ?? before.minorFaults,
  lastUpdate: before.lastUpdate,
});

/** Returns the part of a sample that the hypervisor knows without the guest. */
const hostsPart = (sample: Sampled): Sampled => ({ ...sample, ...NO_REPORT });

/** Returns a sample without what the balloon leaves and holds. */
const withoutBalloon = (sample: Sampled): Sampled => ({
  ...sample,
  current: undefined,
  balloonHeld: undefined,
});
