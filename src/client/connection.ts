import type { WebSocket } from 'ws';
import type { Cancel, Clock } from '../common/clock.ts';
import { Milliseconds } from '../common/units.ts';
import { CallFailedError, CallTimeoutError, ConnectionLostError, type Failure } from './errors.ts';
import { openSocket } from './openSocket.ts';
import { nameOf, type Target } from './target.ts';

/** A message on the wire. */
export interface Traffic {
  readonly direction: 'sent' | 'received';
  readonly where: string;
  readonly text: string;
}

/** A JSON-RPC notification. */
export interface Notification {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>> | null;
}

export interface ConnectionOptions {
  readonly clock: Clock;
  /** How long connecting may take. */
  readonly connectTimeout: Milliseconds;
  /** Ends connecting at once. */
  readonly signal: AbortSignal;
  /** Gets all that is sent and received. */
  readonly trace?: ((traffic: Traffic) => void) | undefined;
  readonly onNotification: (notification: Notification) => void;
  /** Called once, with the reason. */
  readonly onClose: (reason: string) => void;
}

export interface RequestOptions {
  /** Without it a call waits as long as the connection lasts. */
  readonly timeout?: Milliseconds | undefined;
  /** Names the request in the daemon's log. */
  readonly flowId?: string | undefined;
}

interface Reply {
  readonly id: number | null;
  readonly result?: unknown;
  readonly error?: Failure;
}

interface Pending {
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly cancel: Cancel | undefined;
}

/** A silent peer is pinged so often; one that does not reply until the next ping counts as gone. */
const PING_INTERVAL = Milliseconds(15_000);

const CLOSE_TIMEOUT_MS = 1000;

/** One WebSocket that speaks JSON-RPC. */
export class Connection {
  /** Where it is connected to. */
  readonly where: string;
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  private constructor(socket: WebSocket, where: string, options: ConnectionOptions) {
    this.#socket = socket;
    this.where = where;
    this.#options = options;
    socket.on('message', (data: Buffer) => {
      this.#receive(data.toString());
    });
    let reason = 'the connection ended';
    // 'close' follows
    socket.on('error', (error) => (reason = error.message));
    const stop = this.#watch();
    socket.on('close', (_, given) => {
      stop();
      this.#end(given.length > 0 ? given.toString() : reason);
    });
  }

  /** Rejects with UnreachableError or RefusedError. */
  static async open(target: Target, options: ConnectionOptions): Promise<Connection> {
    const { connectTimeout: timeout, signal } = options;
    const socket = await openSocket(target, { timeout, signal });
    return new Connection(socket, nameOf(target), options);
  }

  /** Returns the result; rejects with {@link CallFailedError}, CallTimeoutError or ConnectionLostError. */
  request(method: string, params: object, options: RequestOptions = {}): Promise<unknown> {
    const { timeout, flowId } = options;
    if (this.#socket.readyState !== this.#socket.OPEN) {
      return Promise.reject(new ConnectionLostError(`the connection to ${this.where} has ended`));
    }
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const cancel =
        timeout === undefined ? undefined : (
          this.#options.clock.after(timeout, () => {
            this.#pending.delete(id);
            reject(new CallTimeoutError(`${method}: no reply within ${String(timeout / 1000)} s`));
          })
        );
      this.#pending.set(id, { method, resolve, reject, cancel });
      this.#send({ jsonrpc: '2.0', id, method, params, flow_id: flowId });
    });
  }

  /** Fulfils when the connection has ended. */
  async close(): Promise<void> {
    if (this.#socket.readyState === this.#socket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.close();
    const late = setTimeout(() => {
      this.#socket.terminate();
    }, CLOSE_TIMEOUT_MS);
    await closed;
    clearTimeout(late);
  }

  #send(message: object): void {
    const text = JSON.stringify(message);
    this.#options.trace?.({ direction: 'sent', where: this.where, text });
    this.#socket.send(text);
  }

  #receive(text: string): void {
    this.#options.trace?.({ direction: 'received', where: this.where, text });
    const message = readMessage(text);
    if (message === undefined) this.#socket.close(1002, 'this is no JSON-RPC');
    else if ('method' in message) this.#options.onNotification(message);
    else this.#settle(message);
  }

  #settle({ id, result, error }: Reply): void {
    const pending = this.#pending.get(id ?? 0);
    if (!pending) return;
    this.#pending.delete(id ?? 0);
    pending.cancel?.();
    if (error) pending.reject(new CallFailedError(pending.method, error));
    else pending.resolve(result);
  }

  #end(reason: string): void {
    for (const { method, reject, cancel } of this.#pending.values()) {
      cancel?.();
      const lost = `${method}: the connection to ${this.where} ended before the reply (${reason})`;
      reject(new ConnectionLostError(lost));
    }
    this.#pending.clear();
    this.#options.onClose(reason);
  }

  /** Ends the connection when the peer no longer replies to pings. */
  #watch(): Cancel {
    const { clock } = this.#options;
    let isAlive = true;
    const beat = (): void => {
      if (!isAlive) {
        this.#socket.terminate();
        return;
      }
      isAlive = false;
      this.#socket.ping();
      cancel = clock.after(PING_INTERVAL, beat);
    };
    this.#socket.on('pong', () => (isAlive = true));
    let cancel = clock.after(PING_INTERVAL, beat);
    return () => {
      cancel();
    };
  }
}

function readMessage(text: string): Notification | Reply | undefined {
  try {
    const message: unknown = JSON.parse(text);
    const isMessage =
      typeof message === 'object' &&
      message !== null &&
      ('method' in message ?
        typeof message.method === 'string'
      : 'result' in message || 'error' in message);
    return isMessage ? (message as Notification | Reply) : undefined;
  } catch {
    return undefined;
  }
}
