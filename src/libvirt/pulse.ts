import type { Timers } from './timers.ts';

/** The time between two readings in milliseconds, and how many readings may be equal. */
const INTERVAL = 250;
const READINGS = 10;

/**
 * Finds out by its CPU time whether a guest's QEMU runs: libvirt reads that from the kernel, so that a hung guest
 * cannot block the call. A QEMU that is stopped or waits for dead storage uses none.
 */
export class Pulse {
  readonly #cpuTime: (uuid: string) => Promise<bigint>;
  readonly #timers: Timers;
  /** The CPU time of guests that showed no sign of life when they were last checked. */
  readonly #silent = new Map<string, bigint>();

  constructor(cpuTime: (uuid: string) => Promise<bigint>, timers: Timers) {
    this.#cpuTime = cpuTime;
    this.#timers = timers;
  }

  /** The guests that showed no sign of life when they were last checked. */
  get silent(): readonly string[] {
    return [...this.#silent.keys()];
  }

  /**
   * Returns whether the guest uses CPU time within 2.5 seconds from now; at once if it has used none since it was last
   * checked in vain. What it used before proves nothing, as it may hang since; an idle guest uses ten milliseconds in
   * two seconds.
   */
  async isAlive(uuid: string): Promise<boolean> {
    try {
      const before = await this.#cpuTime(uuid);
      if (this.#silent.get(uuid) === before) return false;
      this.#silent.delete(uuid);
      for (let reading = 0; reading < READINGS; reading++) {
        await new Promise<void>((resolve) => this.#timers.after(INTERVAL, resolve));
        if ((await this.#cpuTime(uuid)) !== before) return true;
      }
      this.#silent.set(uuid, before);
      return false;
    } catch {
      this.#silent.delete(uuid);
      // A domain that cannot be read has no sign of life; the waiting call reports why.
      return false;
    }
  }
}
