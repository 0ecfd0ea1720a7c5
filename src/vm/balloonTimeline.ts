import { KiB, type Milliseconds } from '../common/units.ts';
import type { Range } from '../memory/usage.ts';

/** What the balloon held at some moment between two times, which are on the clock. */
export interface HeldPoint extends Range {
  readonly from: Milliseconds;
  readonly to: Milliseconds;
}

/** QEMU reports a moving balloon once a second, so between two reports it can turn. */
const EVENT_INTERVAL = 1000;

/** What the balloon held at the times of samples and of its events, oldest first. */
export class BalloonTimeline {
  #points: readonly HeldPoint[] = [];

  get newest(): HeldPoint | undefined {
    return this.#points.at(-1);
  }

  add(point: HeldPoint): void {
    this.#points = [...this.#points, point];
  }

  /** Forgets what is needed only for times before `time`. */
  dropBefore(time: Milliseconds): void {
    const last = this.#points.findLastIndex(({ to }) => to <= time);
    // The point before shows if the balloon moved.
    if (last > 1) this.#points = this.#points.slice(last - 1);
  }

  clear(): void {
    this.#points = [];
  }

  /** Returns the least and the most that the balloon may have held between two times; undefined if that is unknown. */
  between(from: Milliseconds, to: Milliseconds): Range | undefined {
    const first = this.#points.findLastIndex((point) => point.to <= from);
    if (first < 0) return undefined;
    const next = this.#points.findIndex((point) => point.from >= to);
    const last = next < 0 ? this.#points.length - 1 : next;
    const points = this.#points.slice(first, last + 1);
    const step = this.#largestStep(from - EVENT_INTERVAL, to + EVENT_INTERVAL);
    return {
      least: KiB(Math.max(0, Math.min(...points.map(({ least }) => least)) - step)),
      most: KiB(Math.max(...points.map(({ most }) => most)) + step),
    };
  }

  /** The largest difference of neighbours at these times, in KiB. */
  #largestStep(from: number, to: number): number {
    return this.#points.reduce((largest, point, index) => {
      const before = this.#points[index - 1];
      if (!before || before.from > to || point.to < from) return largest;
      const step = Math.max(
        Math.abs(point.least - before.least),
        Math.abs(point.most - before.most),
      );
      return Math.max(largest, step);
    }, 0);
  }
}
