import type { Clock } from '../../common/clock.ts';
import type { KiB, Milliseconds } from '../../common/units.ts';

const PAGE_KIB = 4;
/** Part of the guests' memory that KSM can merge, and how many guests share a merged page. */
const ALIKE = 0.1;
const SHARERS = 8;

interface Settings {
  readonly run: number;
  readonly pages_to_scan: number;
  readonly sleep_millisecs: number;
  readonly merge_across_nodes: number;
}

/** Same-page merging of a simulated kernel: pages merge as fast as it scans, and are unmerged at once. */
export class SimulatedKsm {
  readonly #clock: Clock;
  #settings: Settings = {
    run: 0,
    pages_to_scan: 100,
    sleep_millisecs: 20,
    merge_across_nodes: 1,
  };
  #sharing = 0;
  #at: Milliseconds;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
  }

  /** Returns the numbers of /sys/kernel/mm/ksm while the guests occupy that much. */
  numbers(occupied: KiB): Readonly<Record<string, number>> {
    const now = this.#clock.now();
    const { run, pages_to_scan: pages, sleep_millisecs: sleep } = this.#settings;
    const found = (ALIKE * pages * (now - this.#at)) / Math.max(1, sleep);
    const most = (ALIKE * occupied) / PAGE_KIB;
    this.#at = now;
    if (run === 1) this.#sharing = Math.min(most, this.#sharing + found);
    if (run === 2) this.#sharing = 0;
    const sharing = Math.floor(this.#sharing);
    return {
      ...this.#settings,
      pages_shared: Math.ceil(sharing / SHARERS),
      pages_sharing: sharing,
    };
  }

  /** Sets a number; throws the kernel's error if it does not take it now. */
  set(name: string, value: number, occupied: KiB): void {
    const before = this.numbers(occupied);
    const isBusy = name === 'merge_across_nodes' && (before['pages_shared'] ?? 0) > 0;
    if (isBusy && value !== before[name]) {
      throw new Error('EBUSY: resource busy or locked, write');
    }
    this.#settings = { ...this.#settings, [name]: value };
    this.numbers(occupied);
  }
}
