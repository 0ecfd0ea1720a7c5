import type { Timers } from './timers.ts';

/** How long a call waits for its turn behind guests that answer at most, in milliseconds. */
const PATIENCE = 50;
/** The times between two readings in milliseconds, all of which may be equal; a busy guest is soon found to be alive. */
const INTERVALS = [50, 200, 250, 250, 250, 250, 250, 250, 250, 250, 250];

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
   * two seconds. Reads nothing while `isWanted` returns false: most calls get their turn within a few milliseconds.
   */
  async isAlive(uuid: string, isWanted: () => boolean): Promise<boolean> {
    try {
      if (!this.#silent.has(uuid)) await this.#pause(PATIENCE);
      if (!isWanted()) return false;
      const before = await this.#cpuTime(uuid);
      if (this.#silent.get(uuid) === before) return false;
      this.#silent.delete(uuid);
      for (const interval of INTERVALS) {
        await this.#pause(interval);
        if (!isWanted()) return false;
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

  #pause(delay: number): Promise<void> {
    return new Promise((resolve) => this.#timers.after(delay, resolve));
  }
}
