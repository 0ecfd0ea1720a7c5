import type { Clock } from '../../common/clock.ts';
import { KiB, type Milliseconds } from '../../common/units.ts';
import type { HostMemory } from '../hypervisor.ts';

const SWAP = KiB(4 * 1024 ** 2);
const PAGE = KiB(4);
/** Parts of the host's memory: below the first it swaps, and its tasks wait; the second it keeps for itself. */
const SHORT = 0.02;
const WATERMARK = 0.0025;
/** Time constant of PSI's shortest average. */
const AVERAGE_OVER = 10_000;
const MICROSECONDS = 1000;

/** Swap and stalls of a host whose guests leave it little; they change when they are read. */
export class SimulatedPaging {
  readonly #clock: Clock;
  #at: Milliseconds;
  #swapped = KiB(0);
  #swapIn = KiB(0);
  #swapOut = KiB(0);
  /** Milliseconds that tasks have waited. */
  #stalled = 0;
  #average = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
  }

  /** The text of /proc/meminfo. */
  meminfo(memory: HostMemory): string {
    this.#advance(memory);
    const { total, free, buffers, cached } = memory;
    const left = KiB(Math.max(0, leftOf(memory) - Math.floor(total * WATERMARK)));
    return sizes({
      MemTotal: total,
      MemFree: free,
      MemAvailable: left,
      Buffers: buffers,
      Cached: cached,
      SwapTotal: SWAP,
      SwapFree: KiB(SWAP - this.#swapped),
      AnonHugePages: KiB(0),
      Hugetlb: KiB(0),
    });
  }

  /** The text of /proc/vmstat, as far as it concerns swap. */
  vmstat(memory: HostMemory): string {
    this.#advance(memory);
    const pages = (size: KiB): string => String(Math.floor(size / PAGE));
    return `pswpin ${pages(this.#swapIn)}\npswpout ${pages(this.#swapOut)}\n`;
  }

  /** The text of /proc/pressure/memory. */
  pressure(memory: HostMemory): string {
    this.#advance(memory);
    const average = (100 * this.#average).toFixed(2);
    const total = String(Math.round(this.#stalled * MICROSECONDS));
    const line = `avg10=${average} avg60=0.00 avg300=0.00 total=${total}`;
    return `some ${line}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`;
  }

  #advance(memory: HostMemory): void {
    const lack = Math.max(0, 1 - leftOf(memory) / (memory.total * SHORT));
    const now = this.#clock.now();
    const elapsed = now - this.#at;
    this.#at = now;
    this.#stalled += elapsed * lack;
    const weight = 1 - Math.exp(-elapsed / AVERAGE_OVER);
    this.#average += (lack - this.#average) * weight;
    const swapped = KiB(Math.round(SWAP * lack));
    this.#swapOut = KiB(this.#swapOut + Math.max(0, swapped - this.#swapped));
    this.#swapIn = KiB(this.#swapIn + Math.max(0, this.#swapped - swapped));
    this.#swapped = swapped;
  }
}

const leftOf = ({ free, buffers = KiB(0), cached = KiB(0) }: HostMemory): KiB =>
  KiB(free + buffers + cached);

const sizes = (all: Readonly<Record<string, KiB | undefined>>): string =>
  Object.entries(all)
    .map(([name, size]) => (size === undefined ? '' : `${name}: ${String(size)} kB\n`))
    .join('');
