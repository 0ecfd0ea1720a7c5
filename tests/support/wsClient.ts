import { EventEmitter, once } from 'node:events';
import { WebSocket } from 'ws';

/** An error reply, as it came. */
class RpcFailure extends Error {
  override readonly name = 'RpcFailure';
  readonly code: number;

  constructor({ code, message }: { readonly code: number; readonly message: string }) {
    super(message);
    this.code = code;
  }
}

export interface Notification {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (cause: Error) => void;
}

/** A client that speaks bare JSON-RPC over a WebSocket and remembers every notification that it got. */
export class WsClient {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  readonly #news = new EventEmitter();
  readonly #notifications: Notification[] = [];
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.#take(JSON.parse(data.toString()) as Reply | Notification);
    });
    socket.on('close', () => {
      for (const { reject } of this.#pending.values()) reject(new Error('the connection ended'));
      this.#pending.clear();
    });
  }

  static async connect(url: string): Promise<WsClient> {
    const socket = new WebSocket(url);
    const client = new WsClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** Everything that came so far without being asked for. */
  get notifications(): readonly Notification[] {
    return this.#notifications;
  }

  /** The result; throws {@link RpcFailure} for an error reply. */
  call(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  /** The first notification that fits, past ones included; throws after `timeoutMs`. */
  async notified(fits: (one: Notification) => boolean, timeoutMs = 300_000): Promise<Notification> {
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const found = this.#notifications.find(fits);
      if (found) return found;
      await once(this.#news, 'notification', { signal }).catch(() => {
        const seen = this.#notifications.map(({ method }) => method).join(', ');
        throw new Error(`the notification did not come; these did: ${seen || 'none'}`);
      });
    }
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #take(message: Reply | Notification): void {
    if ('method' in message) {
      this.#notifications.push(message);
      this.#news.emit('notification');
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.error) pending?.reject(new RpcFailure(message.error));
    else pending?.resolve(message.result);
  }
}
