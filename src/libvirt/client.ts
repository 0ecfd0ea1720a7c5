import { environmentOf, resolveAddress, type Address } from './address.ts';
import type { Caller } from './caller.ts';
import { connectDaemon } from './connectDaemon.ts';
import { claimed, type Channel } from './channel.ts';
import { errorCode } from './errorNumbers.ts';
import { LibvirtError, UnreachableError } from './error.ts';
import { events, type DomainEvent } from './events.ts';
import { Host } from './host.ts';
import type { KeepAlivePace } from './keepAlive.ts';
import { GuestPlaces, GUESTS, NONE, STATISTICS } from './guestPlaces.ts';
import { laneFor, type Lane } from './lane.ts';
import { Limits } from './limits.ts';
import { procedures } from './procedures.ts';
import type { DomainRef } from './protocol.ts';
import { Pulse } from './pulse.ts';
import { nodeTimers, type Cancel, type Timers } from './timers.ts';

const FIRST_DELAY = 250;
const LONGEST_DELAY = 10_000;
/** A daemon that breaks connections sooner is connected to ever more rarely, as one that refuses them. */
const STEADY = 1000;
/** The time limit of the calls that look for a sign of life. */
const PULSE_TIMEOUT = 2000;

/** Only `uri` is required; times are in milliseconds. */
export interface ClientOptions {
  /** `qemu:///system`, `qemu:///session` or `test:///default`, with `?socket=/path` for a socket elsewhere. */
  readonly uri: string;
  /** Whether libvirt refuses all changes on these connections. */
  readonly readOnly?: boolean | undefined;
  readonly timeout?: number | undefined;
  readonly keepAlive?: KeepAlivePace | undefined;
  readonly timers?: Timers | undefined;
  /** Returns a number from 0 to 1; spreads the reconnects of many clients. */
  readonly random?: (() => number) | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Called after each call, successful or not, with its duration in milliseconds. */
  readonly onCall?: ((procedure: string, duration: number) => void) | undefined;
}

/** Events of a client. After `reconnected`, list again: events in between are lost. */
export type ClientEvent =
  | DomainEvent
  | { readonly kind: 'disconnected'; readonly reason: UnreachableError }
  | { readonly kind: 'reconnected' }
  /** An unreadable message, an event kind that the daemon refuses, or an error thrown by a listener. */
  | { readonly kind: 'problem'; readonly problem: unknown };

type LaneName = 'control' | 'statistics';
type Link = Readonly<Record<LaneName, Channel>> & {
  /** Two, as they have more places for calls to guests together than one connection can have calls. */
  readonly guests: readonly Channel[];
  readonly limits: Limits;
  readonly pulse: Pulse;
};

/**
 * A reconnecting client of one libvirt daemon. It has four connections, so that neither statistics nor guests that hang
 * ever delay control, and common limits that protect the daemon. While it is disconnected, every call fails at once.
 */
export class Client {
  readonly control: Host;
  readonly statistics: Host;
  readonly #options: ClientOptions;
  readonly #address: Address;
  readonly #timers: Timers;
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  /** By UUID. */
  #names: ReadonlyMap<string, string> = new Map();
  #link: Link | undefined;
  #isWanted = false;
  #attempts = 0;
  #cancelAttempt: Cancel | undefined;
  #cancelSteady: Cancel | undefined;

  /** Throws LibvirtError if the URI is not local. */
  constructor(options: ClientOptions) {
    this.#options = options;
    this.#timers = options.timers ?? nodeTimers;
    this.#address = resolveAddress(options.uri, environmentOf(options.env));
    this.control = new Host(this.#caller('control'));
    this.statistics = new Host(this.#caller('statistics'));
  }

  /** The sockets of the daemon, in the order in which they are tried. */
  get sockets(): readonly string[] {
    return this.#address.sockets;
  }

  get isConnected(): boolean {
    return this.#link !== undefined;
  }

  /**
   * Connects. Rejects with LibvirtError if the first attempt fails; later it reconnects by itself until it is closed.
   */
  async open(): Promise<void> {
    this.#isWanted = true;
    try {
      await this.#establish();
    } catch (error) {
      this.#isWanted = false;
      throw error;
    }
  }

  /** Closes all connections; pending calls fail, and no more events are emitted. */
  close(): void {
    this.#isWanted = false;
    this.#cancelAttempt?.();
    this.#cancelSteady?.();
    const link = this.#link;
    this.#link = undefined;
    if (link) closeAll(link);
  }

  /** Calls `listener` for each event from now on. Returns a function that removes it. */
  listen(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether a call to this domain has passed its deadline and is still pending; further calls would wait, too. */
  isStuck(uuid: string): boolean {
    return this.#link?.limits.isStuck(uuid) ?? false;
  }

  /** Takes it that these domains hang, of which abandoned calls with `statsFlag.noWait` wait for one each. */
  blame(uuids: readonly string[]): void {
    this.#link?.limits.blame(uuids);
  }

  /** The UUIDs of such domains. */
  get stuck(): readonly string[] {
    return this.#link?.limits.stuck ?? [];
  }

  /** The UUIDs of domains that are not called at the moment, as they show no sign of life while others are stuck. */
  get silent(): readonly string[] {
    return this.#link && this.stuck.length > 0 ? this.#link.pulse.silent : [];
  }

  /** Takes the names by which errors name guests; by default they are named by UUID. */
  learnNames(domains: readonly DomainRef[]): void {
    this.#names = new Map(domains.map(({ uuid, name }) => [uuid, name]));
  }

  #caller(lane: LaneName): Caller {
    return {
      call: (procedure, args, options) => {
        if (!this.#link) {
          const reason = 'There is no connection to libvirt at the moment.';
          return Promise.reject(new UnreachableError(reason));
        }
        const domains = lane === 'control' ? claimed(procedure, args) : undefined;
        const connection = (domains && laneFor(this.#link.guests, domains)) ?? this.#link[lane];
        return this.#timed(procedure.name, connection.call(procedure, args, options));
      },
    };
  }

  #timed<R>(procedure: string, call: Promise<R>): Promise<R> {
    const { onCall } = this.#options;
    if (!onCall) return call;
    const began = performance.now();
    return call.finally(() => {
      onCall(procedure, performance.now() - began);
    });
  }

  async #establish(): Promise<void> {
    const pulse = new Pulse((uuid) => this.#cpuTime(uuid), this.#timers);
    const limits = new Limits({
      isAlive: (uuid, isWanted) => pulse.isAlive(uuid, isWanted),
      nameOf: (uuid) => this.#names.get(uuid) ?? uuid,
      now: () => this.#timers.now(),
    });
    const opened: Channel[] = [];
    const another = async (lane: Lane): Promise<Channel> => {
      const connection = await this.#connect(limits, lane);
      opened.push(connection);
      return connection;
    };
    try {
      const control = await another(limits.lane(new GuestPlaces(NONE)));
      const places = new GuestPlaces(GUESTS);
      const guests = [await another(limits.lane(places)), await another(limits.lane(places))];
      const statistics = await another(limits.lane(new GuestPlaces(STATISTICS)));
      await this.#register(control);
      if (!this.#isWanted || this.#link || opened.some(({ isOpen }) => !isOpen)) {
        throw new UnreachableError('The connection to libvirt was lost while it was being made.');
      }
      this.#cancelSteady = this.#timers.after(STEADY, () => (this.#attempts = 0));
      this.#link = { control, guests, statistics, limits, pulse };
    } catch (error) {
      for (const connection of opened) connection.close();
      throw error;
    }
  }

  async #cpuTime(uuid: string): Promise<bigint> {
    const { cpuTime } = await this.statistics.domain(uuid).getInfo({ timeout: PULSE_TIMEOUT });
    return cpuTime;
  }

  #connect(limits: Limits, lane: Lane): Promise<Channel> {
    const { timeout, keepAlive, readOnly } = this.#options;
    return connectDaemon(this.#address, {
      readOnly,
      timeout,
      keepAlive,
      lane,
      timers: this.#timers,
      onEvent: (event) => this.#emit(event),
      onProblem: (problem) => {
        this.#emit({ kind: 'problem', problem });
      },
      onClose: (reason) => {
        if (this.#link?.limits === limits) this.#lost(this.#link, reason);
      },
    });
  }

  async #register(control: Channel): Promise<void> {
    for (const [kind, { id }] of Object.entries(events)) {
      try {
        await control.call(procedures.eventCallbackRegisterAny, { event: id, dom: undefined });
      } catch (error) {
        if (kind === 'lifecycle' || !isUnknownEvent(error)) throw error;
        this.#emit({ kind: 'problem', problem: error });
      }
    }
  }

  #lost(link: Link, reason: UnreachableError): void {
    this.#link = undefined;
    this.#cancelSteady?.();
    closeAll(link);
    this.#emit({ kind: 'disconnected', reason });
    this.#retry();
  }

  #retry(): void {
    if (!this.#isWanted) return;
    const longest = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#attempts++);
    const delay = (longest / 2) * (1 + (this.#options.random ?? Math.random)());
    this.#cancelAttempt = this.#timers.after(delay, () => {
      this.#establish().then(
        () => {
          this.#emit({ kind: 'reconnected' });
        },
        (problem: unknown) => {
          if (!(problem instanceof UnreachableError)) this.#emit({ kind: 'problem', problem });
          this.#retry();
        },
      );
    });
  }

  #emit(event: ClientEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (problem) {
        // A listener's error must not reach the other listeners or the connection.
        if (event.kind !== 'problem') this.#emit({ kind: 'problem', problem });
      }
    }
  }
}

const closeAll = ({ control, guests, statistics }: Link): void => {
  for (const connection of [statistics, ...guests, control]) connection.close();
};

/** An older daemon refuses event kinds that it does not know. */
const isUnknownEvent = (error: unknown): boolean =>
  error instanceof LibvirtError &&
  (error.code === errorCode.invalidArg || error.code === errorCode.noSupport);
