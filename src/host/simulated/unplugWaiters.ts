import type { Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import type { HypervisorError } from '../hypervisor.ts';

/** How long libvirt itself waits for a guest's answer to an unplug request. */
const PATIENCE = Milliseconds(5000);

interface Wait {
  readonly alias: string;
  readonly end: (error?: HypervisorError) => void;
}

/** Those who wait for a guest to give memory devices back. */
export class UnplugWaiters {
  readonly #clock: Clock;
  readonly #waits = new Set<Wait>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when the device is gone, or after a while without any answer; rejects as `end` says. */
  wait(alias: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const wait: Wait = {
        alias,
        end: (error) => {
          this.#waits.delete(wait);
          stop();
          if (error) reject(error);
          else resolve();
        },
      };
      const stop = this.#clock.after(PATIENCE, wait.end);
      this.#waits.add(wait);
    });
  }

  /** Ends the waits for one device, well or with an error. */
  answer(alias: string, error?: HypervisorError): void {
    for (const wait of [...this.#waits]) if (wait.alias === alias) wait.end(error);
  }

  endAll(error: HypervisorError): void {
    for (const wait of [...this.#waits]) wait.end(error);
  }
}
