import type { Timers } from './timers.ts';

/** The time between two readings in milliseconds, and how many readings may be equal. */
const INTERVAL = 250;
const READINGS = 8;

/**
 * Finds out by its CPU time whether a guest's QEMU runs: libvirt reads that from the kernel, so that a hung guest
 * cannot block the call. A QEMU that is stopped or waits for dead storage uses none.
 */
export class Pulse {
  readonly #cpuTime: (uuid: string) => Promise<bigint>;
  readonly #timers: Timers;
  /** What was last seen of the guests that were once checked in vain. */
  readonly #seen = new Map<string, { readonly cpuTime: bigint; readonly isSilent: boolean }>();

  constructor(cpuTime: (uuid: string) => Promise<bigint>, timers: Timers) {
    this.#cpuTime = cpuTime;
    this.#timers = timers;
  }

  /** The guests that showed no sign of life when they were last checked. */
  get silent(): readonly string[] {
    return [...this.#seen].filter(([, { isSilent }]) => isSilent).map(([uuid]) => uuid);
  }

  /**
   * Returns whether the guest uses CPU time within two seconds from now, or has used some since it was last checked in
   * vain; an idle guest uses ten milliseconds in two seconds.
   */
  async isAlive(uuid: string): Promise<boolean> {
    try {
      const before = await this.#cpuTime(uuid);
      const last = this.#seen.get(uuid);
      if (last?.isSilent && last.cpuTime === before) return false;
      if (last && last.cpuTime !== before) {
        this.#seen.set(uuid, { cpuTime: before, isSilent: false });
        return true;
      }
      for (let reading = 0; reading < READINGS; reading++) {
        await new Promise<void>((resolve) => this.#timers.after(INTERVAL, resolve));
        if ((await this.#cpuTime(uuid)) !== before) return true;
      }
      this.#seen.set(uuid, { cpuTime: before, isSilent: true });
      return false;
    } catch {
      this.#seen.delete(uuid);
      // A domain that cannot be read has no sign of life; the waiting call reports why.
      return false;
    }
  }
}
