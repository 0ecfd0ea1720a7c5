import { setTimeout as pause } from 'node:timers/promises';
import {
  type CallOptions,
  type HostEvent,
  type Hypervisor,
  HypervisorError,
} from '../../../src/host/hypervisor.ts';
import type { SimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import type { FaultCounts } from './messages.ts';
import { splitLimits } from '../../support/callLimits.ts';

/** The share of calls that a fault strikes, and of events that come twice. */
const SHARES = { refused: 0.004, late: 0.002, lost: 0.002, twice: 0.01 };
/** How long vmemd waits at most for a reply, in ms, if it sets no limit itself. */
const LONGEST = 5000;
/** How late the host performs a call that vmemd may have given up, in ms. */
const LATEST = 8000;
/** How long a call and an event usually take, in ms. */
const USUAL = 10;
const [CONNECTED, CUT] = [10_000, 1500];

/** Calls that do not cross the connection. */
const LOCAL = new Set<PropertyKey>(['open', 'close', 'listen']);
/** Calls that the host performs after a start of the same domain that it got before. */
const ENDS = new Set<PropertyKey>(['destroyDomain', 'undefineDomain']);

interface Work {
  readonly name: PropertyKey;
  readonly work: (...args: unknown[]) => Promise<unknown>;
}

/** What lies between vmemd and the simulated host in real time: calls and events take their time, get lost, are cut. */
export class FaultyHost {
  readonly hypervisor: Hypervisor;
  readonly counts: FaultCounts = { refused: 0, late: 0, lost: 0, twice: 0, cut: 0, guests: 0 };
  calls = 0;
  listeners = 0;
  readonly #host: SimulatedHost;
  readonly #random: () => number;
  readonly #pending = new Set<(error: Error) => void>();
  /** Starts that are late, by domain. */
  readonly #starts = new Map<string, Promise<void>>();
  #isStirred = false;
  #hasLate = 0;
  #nextCut: NodeJS.Timeout | undefined;

  constructor(host: SimulatedHost, random: () => number) {
    this.#host = host;
    this.#random = random;
    const listen = (hear: (event: HostEvent) => void) => this.#listen(hear);
    this.hypervisor = new Proxy<Hypervisor>(host, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name === 'listen') return listen;
        const work = value.bind(target) as (...args: unknown[]) => Promise<unknown>;
        return LOCAL.has(name) ? work : (...args: unknown[]) => this.#call({ name, work }, args);
      },
    });
  }

  /** Whether a call is still to be performed that vmemd does not wait for any more. */
  get hasLate(): boolean {
    return this.#hasLate > 0;
  }

  /** Lets faults happen. */
  stir(): void {
    this.#isStirred = true;
    this.#nextCut ??= setTimeout(() => void this.#cut(), CONNECTED * (0.5 + this.#random()));
  }

  /** Lets no more faults happen; those under way go on. */
  calm(): void {
    this.#isStirred = false;
    clearTimeout(this.#nextCut);
    this.#nextCut = undefined;
  }

  async #cut(): Promise<void> {
    this.counts.cut += 1;
    for (const fail of [...this.#pending]) fail(new HypervisorError('unreachable', 'it was cut'));
    this.#host.disconnect('the connection was cut');
    await pause(CUT * (0.2 + this.#random()));
    this.#host.reconnect();
    this.#nextCut = undefined;
    if (this.#isStirred) this.stir();
  }

  #fault(): keyof FaultCounts | undefined {
    if (!this.#isStirred) return undefined;
    let drawn = this.#random();
    for (const kind of ['refused', 'late', 'lost'] as const) {
      drawn -= SHARES[kind];
      if (drawn >= 0) continue;
      this.counts[kind] += 1;
      return kind;
    }
    return undefined;
  }

  #call({ name, work }: Work, args: unknown[]): Promise<unknown> {
    this.calls += 1;
    const { limits, rest } = splitLimits(args);
    if (limits.signal?.aborted) return Promise.reject(givenUp());
    const fault = this.#fault();
    return new Promise((resolve, reject) => {
      const end = this.#limited(limits, reject);
      const reply = (give: () => void): void => {
        if (fault === 'lost') return;
        end();
        give();
      };
      const perform = (): Promise<void> =>
        work(...rest).then(
          (value) => {
            reply(() => {
              resolve(value);
            });
          },
          (error: unknown) => {
            reply(() => {
              reject(error instanceof Error ? error : new Error(String(error)));
            });
          },
        );
      if (fault === 'refused') {
        reply(() => {
          reject(new HypervisorError('failed', 'internal error: not now'));
        });
      } else if (fault === 'late') {
        const performed = this.#later(perform);
        if (name === 'createDomain') this.#starts.set(uuidIn(String(rest[0])), performed);
      } else void this.#turn(name, rest).then(perform);
    });
  }

  /** Fulfils when the host performs a call that is not late. */
  async #turn(name: PropertyKey, [uuid]: readonly unknown[]): Promise<void> {
    await pause(USUAL * this.#random());
    if (ENDS.has(name)) await this.#starts.get(String(uuid));
  }

  async #later(perform: () => Promise<void>): Promise<void> {
    this.#hasLate += 1;
    await pause(LATEST * this.#random());
    await perform();
    this.#hasLate -= 1;
  }

  /** Fails a call at its limit, or as its connection is cut; returns what ends that. */
  #limited({ timeout, signal }: CallOptions, reject: (error: Error) => void): () => void {
    const fail = (error: Error): void => {
      end();
      reject(error);
    };
    const late = (): void => {
      fail(givenUp());
    };
    const timer = setTimeout(late, timeout ?? LONGEST);
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', late);
      this.#pending.delete(fail);
    };
    signal?.addEventListener('abort', late, { once: true });
    this.#pending.add(fail);
    return end;
  }

  /** Events keep their order, and come twice now and then. */
  #listen(hear: (event: HostEvent) => void): () => void {
    let queue: HostEvent[] = [];
    let timer: NodeJS.Timeout | undefined;
    const deliver = (): void => {
      const due = queue;
      queue = [];
      timer = undefined;
      for (const event of due) hear(event);
    };
    const stop = this.#host.listen((event) => {
      const isOwn = event.kind === 'disconnected' || event.kind === 'reconnected';
      // those that are under way are lost with the connection
      if (isOwn) queue = [];
      queue.push(event);
      if (this.#isStirred && !isOwn && this.#random() < SHARES.twice) {
        this.counts.twice += 1;
        queue.push(event);
      }
      if (isOwn) {
        clearTimeout(timer);
        deliver();
      } else timer ??= setTimeout(deliver, USUAL * this.#random());
    });
    this.listeners += 1;
    let isHearing = true;
    return () => {
      if (isHearing) this.listeners -= 1;
      isHearing = false;
      clearTimeout(timer);
      stop();
    };
  }
}

const uuidIn = (xml: string): string => /<uuid>([^<]*)</.exec(xml)?.[1] ?? '';

const givenUp = (): HypervisorError => new HypervisorError('timed-out', 'no answer in time');
