import { Connection, Disconnected } from './connection.ts';
import { merge, type Picture } from './merge.ts';
import type { Method, Params, Result } from './methods.ts';

const INTERVAL_MS = 1000;
/** A vmemd or a browser that is busy gets this many times as long a pause as an answer took. */
const PAUSE_FACTOR = 3;

export interface FeedState {
  readonly isConnected: boolean;
  /** When the connection ended, in ms; undefined while it is there or has never been. */
  readonly lostAt?: number | undefined;
  readonly picture?: Picture | undefined;
  /** Why vmemd gives no figures although it is connected. */
  readonly refusal?: string | undefined;
}

/** The figures of one vmemd, read each second while the page is visible. */
export class Feed {
  readonly #connection: Connection;
  readonly #listeners = new Set<() => void>();
  #state: FeedState = { isConnected: false };
  #timer: number | undefined;
  #isReading = false;

  constructor(url: string) {
    this.#connection = new Connection(url, {
      opened: () => {
        this.#change({ isConnected: true, lostAt: undefined });
        void this.refresh();
      },
      closed: () => {
        const { isConnected, lostAt } = this.#state;
        this.#change({ isConnected: false, lostAt: isConnected ? Date.now() : lostAt });
      },
    });
    document.addEventListener('visibilitychange', () => {
      this.#connection.retryNow();
      void this.refresh();
    });
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Calls the listener after each change of the state until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Returns the result; throws `RpcError` or `Disconnected`. */
  call<M extends Method>(method: M, params: Params<M>, timeout?: number): Promise<Result<M>> {
    return this.#connection.call(method, params, timeout);
  }

  retryNow(): void {
    this.#connection.retryNow();
  }

  /** Reads the figures now, and again after a pause. */
  async refresh(): Promise<void> {
    window.clearTimeout(this.#timer);
    if (this.#isReading || document.hidden) return;
    this.#isReading = true;
    const start = performance.now();
    try {
      await this.#read();
    } catch (error) {
      if (error instanceof Disconnected) return;
      this.#change({ refusal: (error as Error).message });
    } finally {
      this.#isReading = false;
    }
    const pause = Math.max(INTERVAL_MS, PAUSE_FACTOR * (performance.now() - start));
    this.#timer = window.setTimeout(() => void this.refresh(), pause);
  }

  async #read(): Promise<void> {
    const { picture } = this.#state;
    const since = picture && { since: picture.revision };
    const answer = await this.#connection.call('Host.getOverview', { ...since });
    this.#change({ picture: merge(picture, answer, Date.now()), refusal: undefined });
  }

  #change(change: Partial<FeedState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }
}
