import { type Clock, systemClock } from '../common/clock.ts';
import { Milliseconds } from '../common/units.ts';
import { backOff } from './backOff.ts';
import { Connection, type Notification, type RequestOptions, type Traffic } from './connection.ts';
import { type Attempt, ClientError, ConnectionLostError, UnreachableError } from './errors.ts';
import { eventsOf, isWanted, type Listening, type Notice, type NoticeListener } from './events.ts';
import type { Method, Params, Result } from './methods.ts';
import { failureOf } from './openSocket.ts';
import type { Target } from './target.ts';

export interface ClientOptions {
  /** Where the daemon may be; the first that can be connected to is used. */
  readonly targets: readonly Target[];
  /** How long connecting to one target may take (10 s). */
  readonly connectTimeout?: Milliseconds;
  /** How long a call may take, unless it says itself (no limit). */
  readonly timeout?: Milliseconds | undefined;
  /** Names all calls in the daemon's log, unless they say themselves. */
  readonly flowId?: string | undefined;
  /** Gets all that is sent and received. */
  readonly trace?: ((traffic: Traffic) => void) | undefined;
  readonly clock?: Clock;
}

type Arguments<M extends Method> =
  object extends Params<M> ? [params?: Params<M>, options?: RequestOptions]
  : [params: Params<M>, options?: RequestOptions];

/** A subscription. */
export interface Subscription {
  /** Fulfils when no further events come. */
  end(): Promise<void>;
}

const CONNECT_TIMEOUT = Milliseconds(10_000);

/**
 * A client of one daemon. It connects at the first call and, after the connection has ended, at the next one. With
 * subscriptions it connects again by itself. All errors are of {@link ClientError}.
 */
export class Client {
  readonly #options: ClientOptions;
  readonly #clock: Clock;
  readonly #listening = new Set<Listening>();
  #connection: Promise<Connection> | undefined;
  #isResuming = false;
  readonly #closing = new AbortController();

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Connects unless that is done; returns where to: a path or a URL. */
  async connect(): Promise<string> {
    return (await this.#connected()).where;
  }

  /** Calls a verb; rejects with {@link ClientError}. */
  async call<M extends Method>(method: M, ...[params, options]: Arguments<M>): Promise<Result<M>> {
    return (await this.request(method, params, options)) as Result<M>;
  }

  /** Calls a method of any name; rejects with {@link ClientError}. */
  async request(method: string, params: object = {}, options?: RequestOptions): Promise<unknown> {
    const { timeout, flowId } = this.#options;
    const connection = await this.#connected();
    return connection.request(method, params, { timeout, flowId, ...options });
  }

  /**
   * Calls `listener` for each event that matches one of the patterns, such as `|virt|VM_memory|*`; `*` matches all. It
   * also learns when the connection is lost, and when it is there again.
   */
  async subscribe(patterns: readonly string[], listener: NoticeListener): Promise<Subscription> {
    const listening: Listening = { patterns, listener };
    const connection = await this.#connected();
    // first, as events may arrive together with the reply
    this.#listening.add(listening);
    try {
      await connection.request('Events.subscribe', { events: patterns });
    } catch (error) {
      this.#listening.delete(listening);
      throw error;
    }
    return { end: () => this.#unsubscribe(listening) };
  }

  /** Ends the connection and all subscriptions; further calls are rejected. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#listening.clear();
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.close();
  }

  #connected(): Promise<Connection> {
    if (this.#closing.signal.aborted)
      return Promise.reject(new ConnectionLostError('the client is closed'));
    this.#connection ??= this.#open().catch((error: unknown) => {
      this.#connection = undefined;
      throw error;
    });
    return this.#connection;
  }

  async #open(): Promise<Connection> {
    const attempts: Attempt[] = [];
    for (const target of this.#options.targets) {
      try {
        return await Connection.open(target, this.#connectionOptions());
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error;
        attempts.push(...error.attempts);
      }
    }
    throw failureOf(attempts);
  }

  #connectionOptions() {
    const { trace, connectTimeout = CONNECT_TIMEOUT } = this.#options;
    return {
      clock: this.#clock,
      connectTimeout,
      signal: this.#closing.signal,
      trace,
      onNotification: (notification: Notification) => {
        this.#publish(notification);
      },
      onClose: (reason: string) => {
        this.#connection = undefined;
        this.#tell({ type: 'lost', reason });
        void this.#resume();
      },
    };
  }

  #publish(notification: Notification): void {
    const events = eventsOf(notification);
    for (const listening of this.#listening) {
      if (isWanted(listening, notification.method)) events.forEach(listening.listener);
    }
  }

  #tell(notice: Notice): void {
    for (const { listener } of this.#listening) listener(notice);
  }

  /** Connects again, as long as there are subscriptions. */
  async #resume(): Promise<void> {
    if (this.#isResuming) return;
    this.#isResuming = true;
    for (const wait of backOff()) {
      if (this.#listening.size === 0) break;
      await this.#pause(wait);
      if (await this.#resubscribe()) break;
    }
    this.#isResuming = false;
  }

  /** Keeps the process alive, unlike the clock: a program that only listens waits for it. */
  #pause(wait: Milliseconds): Promise<void> {
    const alive = setInterval(() => undefined, wait);
    return new Promise((resolve) => {
      this.#clock.after(wait, () => {
        clearInterval(alive);
        resolve();
      });
    });
  }

  /** Returns whether it succeeded, or is not needed. */
  async #resubscribe(): Promise<boolean> {
    const events = [...new Set([...this.#listening].flatMap(({ patterns }) => patterns))];
    if (events.length === 0) return true;
    try {
      const connection = await this.#connected();
      await connection.request('Events.subscribe', { events });
      this.#tell({ type: 'resumed', where: connection.where });
      return true;
    } catch (error) {
      if (error instanceof ClientError) return false;
      throw error;
    }
  }

  async #unsubscribe(listening: Listening): Promise<void> {
    if (!this.#listening.delete(listening)) return;
    const others = new Set([...this.#listening].flatMap(({ patterns }) => patterns));
    const events = listening.patterns.filter((pattern) => !others.has(pattern));
    const connection = await this.#connection?.catch(() => undefined);
    if (!connection || events.length === 0) return;
    // a connection that ends has no subscriptions either
    await connection.request('Events.unsubscribe', { events }).catch(() => undefined);
  }
}
