import type { Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';
import type { HypervisorError } from '../hypervisor.ts';

/** How long libvirt waits for a guest's reply to an unplug request. */
const REPLY_TIMEOUT = Milliseconds(5000);

interface Waiter {
  readonly alias: string;
  readonly end: (error?: HypervisorError) => void;
}

/** Calls that wait until a guest has released or refused a memory device. */
export class UnplugWaiters {
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when the device is gone or libvirt's waiting time is over; rejects with the error of {@link answer}. */
  wait(alias: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        alias,
        end: (error) => {
          this.#waiters.delete(waiter);
          stop();
          if (error) reject(error);
          else resolve();
        },
      };
      const stop = this.#clock.after(REPLY_TIMEOUT, waiter.end);
      this.#waiters.add(waiter);
    });
  }

  /** Ends the waits for one device; with an error they reject. */
  answer(alias: string, error?: HypervisorError): void {
    for (const waiter of [...this.#waiters]) if (waiter.alias === alias) waiter.end(error);
  }

  endAll(error: HypervisorError): void {
    for (const waiter of [...this.#waiters]) waiter.end(error);
  }
}
