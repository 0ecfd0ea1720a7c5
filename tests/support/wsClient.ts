import { EventEmitter, once } from 'node:events';
import { Client, type Traffic } from '../../src/client/index.ts';

export interface Notification {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A client over a WebSocket without TLS that remembers every notification that it got. */
export class WsClient {
  readonly #client: Client;
  readonly #news = new EventEmitter();
  readonly #notifications: Notification[] = [];

  private constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#client = new Client({
      targets: [{ kind: 'plain', host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }],
      trace: (traffic) => {
        this.#take(traffic);
      },
    });
  }

  static async connect(url: string): Promise<WsClient> {
    const client = new WsClient(url);
    await client.#client.connect();
    return client;
  }

  /** Everything that came so far without being asked for. */
  get notifications(): readonly Notification[] {
    return this.#notifications;
  }

  /** The result; throws CallFailedError for an error reply. */
  call(method: string, params: object = {}): Promise<unknown> {
    return this.#client.request(method, params);
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

  close(): Promise<void> {
    return this.#client.close();
  }

  #take({ direction, text }: Traffic): void {
    if (direction === 'sent') return;
    const message = JSON.parse(text) as Partial<Notification>;
    if (message.method === undefined) return;
    this.#notifications.push(message as Notification);
    this.#news.emit('notification');
  }
}
