import { execFile } from 'node:child_process';
import { type Cancel, type Clock, pause } from '../common/clock.ts';
import { messageOf } from '../common/messageOf.ts';
import { Milliseconds } from '../common/units.ts';

/** Sends assignments such as `READY=1` to the service manager, in one message. */
export type Notify = (assignments: readonly string[]) => Promise<void>;

/** Variables of the environment that systemd sets for a service of Type=notify, sd_notify(3). */
interface ManagerEnv {
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
  readonly WATCHDOG_PID?: string | undefined;
}

export interface ManagerParts {
  readonly env: ManagerEnv;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
  readonly notify?: Notify;
}

/** How often the status is compared without a watchdog. */
const STATUS_INTERVAL = Milliseconds(5000);
/** systemd recommends half of the watchdog's time; a third leaves time for the message itself. */
const WATCHDOG_PART = 3;

/** Long beside a few milliseconds, on a busy machine too. */
const TIME_LIMIT = Milliseconds(10_000);

/** The program that systemd has for this: Node.js has no datagram sockets in the file system. */
const systemdNotify = (assignments: readonly string[], socket: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, NOTIFY_SOCKET: socket };
    execFile('systemd-notify', [...assignments], { timeout: TIME_LIMIT, env }, (error) => {
      if (error) reject(new Error(error.message, { cause: error }));
      else resolve();
    });
  });

/** The service manager that started vmemd, if any: learns that vmemd is ready, what it does, and that it is alive. */
export class ServiceManager {
  readonly #parts: ManagerParts;
  readonly #notify: Notify;
  readonly #socket: string;
  #status = '';
  #hasWarned = false;

  constructor(parts: ManagerParts) {
    this.#parts = parts;
    this.#socket = parts.env.NOTIFY_SOCKET ?? '';
    this.#notify = parts.notify ?? ((assignments) => systemdNotify(assignments, this.#socket));
  }

  get #isThere(): boolean {
    return this.#socket !== '';
  }

  /** Reports that requests are answered; never rejects. */
  async ready(status: string): Promise<void> {
    this.#status = status;
    await this.#send(['READY=1', `STATUS=${status}`]);
  }

  /** Reports that vmemd is ending; never rejects. */
  async stopping(): Promise<void> {
    await this.#send(['STOPPING=1', 'STATUS=ending']);
  }

  /**
   * Reports the status whenever it has changed, and as long as it is alive that it is, from now on. Returns a function
   * that ends it.
   */
  follow(life: { readonly status: string; readonly isAlive: boolean }): Cancel {
    if (!this.#isThere) return () => undefined;
    const { clock } = this.#parts;
    const watchdog = this.#watchdogTime();
    const interval = watchdog ?? STATUS_INTERVAL;
    let isOver = false;
    const run = async (): Promise<void> => {
      while (!isOver) {
        const text = life.status;
        const assignments = [
          ...(watchdog !== undefined && life.isAlive ? ['WATCHDOG=1'] : []),
          ...(text === this.#status ? [] : [`STATUS=${text}`]),
        ];
        if (assignments.length > 0 && (await this.#send(assignments))) this.#status = text;
        await pause(clock, interval);
      }
    };
    void run();
    return () => {
      isOver = true;
    };
  }

  /** Time between signs of life; undefined if systemd expects none of this process. */
  #watchdogTime(): Milliseconds | undefined {
    const { WATCHDOG_USEC: time, WATCHDOG_PID: pid } = this.#parts.env;
    if (pid !== undefined && pid !== String(process.pid)) return undefined;
    const microseconds = Number(time);
    return microseconds > 0 ? Milliseconds(microseconds / 1000 / WATCHDOG_PART) : undefined;
  }

  async #send(assignments: readonly string[]): Promise<boolean> {
    if (!this.#isThere) return false;
    try {
      await this.#notify(assignments);
      return true;
    } catch (error) {
      if (!this.#hasWarned) {
        const advice = 'install systemd-notify, and set NotifyAccess=all in the unit';
        this.#parts.warn(`systemd cannot be notified: ${messageOf(error)}; ${advice}`);
      }
      this.#hasWarned = true;
      return false;
    }
  }
}
