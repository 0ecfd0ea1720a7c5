import type { Method, Params, Result } from './methods.ts';
import { Backoff } from './backoff.ts';

/** How long a call may take; a longer one counts as lost, and its connection with it. */
const CALL_TIMEOUT_MS = 15_000;

/** An error that vmemd has returned. */
class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;

  constructor({ code, message }: { readonly code: number; readonly message: string }) {
    super(message);
    this.code = code;
  }
}

/** The connection ended, or there was none. */
export class Disconnected extends Error {
  override readonly name = 'Disconnected';
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: number;
}

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

interface Listener {
  /** A connection is open. */
  readonly opened: () => void;
  /** It has ended, or could not be opened; the next attempt is due in this many milliseconds. */
  readonly closed: (retryIn: number) => void;
}

/** JSON-RPC over a WebSocket that is opened again whenever it ends. */
export class Connection {
  readonly #url: string;
  readonly #listener: Listener;
  readonly #backoff = new Backoff();
  readonly #pending = new Map<number, Pending>();
  #socket: WebSocket | undefined;
  #retry: number | undefined;
  #lastId = 0;

  constructor(url: string, listener: Listener) {
    this.#url = url;
    this.#listener = listener;
    this.#open();
    window.addEventListener('online', () => this.retryNow());
  }

  /** Returns the result; throws {@link RpcError} or {@link Disconnected}. */
  call<M extends Method>(method: M, params: Params<M>, timeout = CALL_TIMEOUT_MS) {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) {
      return Promise.reject(new Disconnected('not connected to vmemd'));
    }
    const id = ++this.#lastId;
    return new Promise<Result<M>>((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this.#drop(socket, `vmemd has not answered for ${String(timeout / 1000)} s`);
      }, timeout);
      this.#pending.set(id, { resolve: resolve as Pending['resolve'], reject, timer });
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  /** Tries at once, if the next attempt is not due yet. */
  retryNow(): void {
    if (this.#retry === undefined) return;
    window.clearTimeout(this.#retry);
    this.#open();
  }

  #open(): void {
    this.#retry = undefined;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener('open', () => {
      this.#backoff.reset();
      this.#listener.opened();
    });
    socket.addEventListener('message', ({ data }) => this.#receive(String(data)));
    socket.addEventListener('close', () => this.#drop(socket, 'the connection to vmemd ended'));
  }

  #drop(socket: WebSocket, reason: string): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    socket.close();
    for (const { reject, timer } of this.#pending.values()) {
      window.clearTimeout(timer);
      reject(new Disconnected(reason));
    }
    this.#pending.clear();
    const pause = this.#backoff.next();
    this.#retry = window.setTimeout(() => this.#open(), pause);
    this.#listener.closed(pause);
  }

  #receive(text: string): void {
    const { id = NaN, result, error } = JSON.parse(text) as Message;
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    window.clearTimeout(pending.timer);
    if (error) pending.reject(new RpcError(error));
    else pending.resolve(result);
  }
}
