import type { Clock } from '../../common/clock.ts';
import { KiB, Milliseconds } from '../../common/units.ts';

/** Amounts that were swapped since boot. */
export interface Swapped {
  readonly swapIn: KiB;
  readonly swapOut: KiB;
}

/** As long as PSI's shortest average. */
const WINDOW = Milliseconds(10_000);

/** How fast the host swaps. */
export class SwapRate {
  readonly #clock: Clock;
  #samples: readonly (Swapped & { readonly at: Milliseconds })[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns KiB per second over the last 10 s, or since the call before; undefined at first. */
  after(swapped: Swapped): { readonly in: number; readonly out: number } | undefined {
    const at = this.#clock.now();
    const recent = this.#samples.filter((sample) => at - sample.at <= WINDOW);
    const since = recent[0] ?? this.#samples.at(-1);
    this.#samples = [...recent, { ...swapped, at }];
    if (since === undefined || since.at === at) return undefined;
    const perSecond = (of: keyof Swapped): number =>
      Math.max(0, Math.round(((swapped[of] - since[of]) * 1000) / (at - since.at)));
    return { in: perSecond('swapIn'), out: perSecond('swapOut') };
  }
}

/** Reads the swapped pages in the text of /proc/vmstat; undefined without them. */
export function readSwapped(text: string, pageSize: KiB): Swapped | undefined {
  const pages = (name: string): number =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  const [swapIn, swapOut] = [pages('pswpin') * pageSize, pages('pswpout') * pageSize];
  return Number.isNaN(swapIn) || Number.isNaN(swapOut) ?
      undefined
    : { swapIn: KiB(swapIn), swapOut: KiB(swapOut) };
}
