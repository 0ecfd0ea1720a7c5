import { Milliseconds } from '../../src/common/units.ts';
import {
  type CallOptions,
  type HostEvent,
  HypervisorError,
  type Hypervisor,
} from '../../src/host/hypervisor.ts';
import type { SimulatedHost } from '../../src/host/simulated/simulatedHost.ts';
import { VdsmError } from '../../src/common/errors.ts';
import type { KeptFile } from '../support/keptFile.ts';
import type { VirtualClock } from '../support/virtualClock.ts';
import type { Seam } from '../support/worldOptions.ts';
import { type Crossing, type Fault, type Strike, strikes } from './crossing.ts';
import { splitLimits } from '../support/callLimits.ts';

interface Options {
  /** Returns how many milliseconds the next crossing takes: the order in which things arrive. */
  readonly delay: () => number;
  readonly kill: () => void;
  /**
   * Whether vmemd can list the domains at any time. If not, it compares its VMs with them only after a start and after a
   * lost connection, so that nothing that it has to repeat by itself is hidden by the regular comparison.
   */
  readonly isComparing?: boolean;
}

/** Longer than vmemd waits for any reply. */
const LATE = Milliseconds(70_000);
/** vmemd sets a limit for each call that can hang; the connection is given up after this time at the latest. */
const LONGEST = Milliseconds(65_000);
const RECONNECT = Milliseconds(3000);
/** How long after a first listing domains can be listed again: vmemd repeats one that met an event. */
const LISTING = Milliseconds(12_000);
/** Longer than any event takes. */
const AFTER_EVENTS = 200;

const unreachable = () => new HypervisorError('unreachable', 'the connection was cut');

/**
 * What lies between vmemd and the host, its timers and its files: each call, reply and event takes a time of its own, and
 * each crossing is where a process, a connection or a message can end. Between two crossings vmemd changes nothing
 * outside itself, so a stop at any `await` is the same as a stop at the crossing before or after it.
 */
export class Boundary implements Seam {
  readonly hypervisor: Hypervisor;
  readonly crossings: Crossing[] = [];
  readonly #host: SimulatedHost;
  readonly #clock: VirtualClock;
  readonly #pending = new Set<(error: Error) => void>();
  #options: Options | undefined;
  #strikes: readonly Strike[] = [];
  /** When the newest event of each domain arrives: events of one keep their order, those of two need not. */
  readonly #lastEventAt = new Map<string, number>();
  /** Until when domains can be listed; undefined until they are listed next. */
  #listableUntil: number | undefined;

  constructor(host: SimulatedHost, clock: VirtualClock) {
    this.#host = host;
    this.#clock = clock;
    const listen = (hear: (event: HostEvent) => void) => this.#listen(hear);
    this.hypervisor = new Proxy<Hypervisor>(host, {
      get: (target, name: keyof Hypervisor) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name === 'listen') return listen;
        const work = value.bind(target) as (...args: unknown[]) => Promise<unknown>;
        return (...args: unknown[]) =>
          this.#options ? this.#call(name, work, args) : work(...args);
      },
    });
  }

  /** From now on everything takes time and is counted; these faults happen. */
  watch(options: Options, strikesAt: readonly Strike[]): void {
    this.#options = options;
    this.#strikes = strikesAt;
    this.crossings.length = 0;
    this.#listableUntil = this.#clock.now();
  }

  /** Further faults, counted from the crossings that there have been. */
  aim(strikesAt: readonly Strike[]): void {
    const past = this.crossings.length;
    this.#strikes = strikesAt.map(({ at, fault }) => ({ at: past + at, fault }));
  }

  /** Domains can be listed: vmemd starts, or has lost its connection. */
  allowListing(): void {
    this.#listableUntil = undefined;
  }

  /** Counts what vmemd writes into a file. */
  watchFile(name: string, file: Pick<KeptFile<unknown>, 'onWrite' | 'onWritten'>): void {
    file.onWrite = () => {
      if (this.#options && this.#cross('write', name) === 'the file cannot be written') {
        throw new VdsmError('GeneralException', 'no space left on the disk');
      }
    };
    file.onWritten = () => {
      if (this.#options) this.#cross('written', name);
    };
  }

  readonly onTimer = (delay: Milliseconds): void => {
    if (this.#options) this.#cross('timer', `after ${String(delay / 1000)} s`);
  };

  /** No fault happens any more. */
  calm(): void {
    this.#strikes = [];
  }

  /** Ends the connection for three seconds: what was under way fails, and events are missed. */
  cut(): void {
    if (!this.#host.isConnected) return;
    for (const fail of [...this.#pending]) fail(unreachable());
    this.#host.disconnect();
    this.#clock.after(RECONNECT, () => {
      this.allowListing();
      this.#host.reconnect();
    });
  }

  #cross(kind: Crossing['kind'], what: string): Fault | undefined {
    const number = this.crossings.length;
    const fault = this.#strikes.find(
      (strike) => strike.at === number && strikes(strike.fault, { kind }),
    )?.fault;
    this.crossings.push({ kind, what, at: this.#clock.now(), ...(fault && { fault }) });
    if (fault === 'vmemd is killed') this.#options?.kill();
    if (fault === 'the connection is cut') this.cut();
    return fault;
  }

  #after(run: () => void, more = 0): void {
    this.#clock.after(Milliseconds((this.#options?.delay() ?? 0) + more), run);
  }

  #call(
    name: string,
    work: (...args: unknown[]) => Promise<unknown>,
    args: readonly unknown[],
  ): Promise<unknown> {
    const { limits, rest } = splitLimits(args);
    if (limits.signal?.aborted) return Promise.reject(givenUp());
    if (name === 'listDomains' && !this.#isListable) return Promise.reject(refused());
    return new Promise((resolve, reject) => {
      const { isOver, end } = this.#limited(limits, reject);
      const succeed = (value: unknown): void => {
        if (isOver()) return;
        end();
        if (name === 'listDomains') this.#listableUntil ??= this.#clock.now() + LISTING;
        resolve(value);
      };
      const fail = (error: Error): void => {
        if (isOver()) return;
        end();
        reject(error);
      };
      const reply = (give: () => void): void => {
        this.#after(() => {
          if (isOver()) return;
          const fault = this.#cross('reply', name);
          if (fault === 'the reply is lost' || isOver()) return;
          if (fault === 'events come before the reply') this.#after(give, AFTER_EVENTS);
          else give();
        });
      };
      const perform = (): void => {
        work(...rest).then(
          (value) => {
            reply(() => {
              succeed(value);
            });
          },
          (error: unknown) => {
            reply(() => {
              fail(error as Error);
            });
          },
        );
      };
      // A call that a dead process or a broken connection could still send does not leave.
      const fault = this.#cross('call', name);
      if (fault !== undefined) return;
      this.#after(() => {
        const met = this.#cross('arrival', name);
        if (met === 'the call is refused') {
          reply(() => {
            fail(refused());
          });
        } else if (met === 'the call is late') this.#clock.after(LATE, perform);
        else perform();
      });
    });
  }

  get #isListable(): boolean {
    const { isComparing = true } = this.#options ?? {};
    return isComparing || this.#clock.now() < (this.#listableUntil ?? Infinity);
  }

  /** Fails a call at its limit, or as its connection is cut. */
  #limited({ timeout = LONGEST, signal }: CallOptions, reject: (error: Error) => void) {
    let isOver = false;
    const stop = this.#clock.after(timeout, () => {
      fail(givenUp());
    });
    const end = (): void => {
      isOver = true;
      stop();
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(fail);
    };
    const fail = (error: Error): void => {
      end();
      reject(error);
    };
    const abort = (): void => {
      fail(givenUp());
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.#pending.add(fail);
    return { isOver: () => isOver, end };
  }

  #listen(hear: (event: HostEvent) => void): () => void {
    let isHearing = true;
    const stop = this.#host.listen((event) => {
      if (!this.#options || event.kind === 'disconnected' || event.kind === 'reconnected') {
        hear(event);
        return;
      }
      const last = this.#lastEventAt.get(event.uuid) ?? 0;
      const at = Math.max(last, this.#clock.now() + this.#options.delay());
      this.#lastEventAt.set(event.uuid, at);
      this.#clock.after(Milliseconds(at - this.#clock.now()), () => {
        if (!isHearing || !this.#host.isConnected) return;
        const fault = this.#cross('event', nameOf(event));
        if (fault === 'the connection is cut' || fault === 'vmemd is killed') return;
        hear(event);
        if (fault === 'the event comes twice') hear(event);
      });
    });
    return () => {
      isHearing = false;
      stop();
    };
  }
}

const givenUp = () => new HypervisorError('timed-out', 'no answer in time');

const refused = () => new HypervisorError('failed', 'not now');

const nameOf = (event: HostEvent): string =>
  event.kind === 'lifecycle' ? event.event
  : 'alias' in event ? `${event.kind} ${event.alias}`
  : event.kind;
