import { once } from 'node:events';
import { WebSocket } from 'ws';

interface Reply {
  readonly id: number;
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

/** What a process holds. */
export interface Held {
  /** Bytes of the heap after a collection of garbage. */
  readonly heap: number;
  /** Sockets, timers and others, by kind. */
  readonly resources: Readonly<Record<string, number>>;
}

const HELD = `({
  heap: process.memoryUsage().heapUsed,
  resources: process.getActiveResourcesInfo().reduce((all, one) => ({ ...all, [one]: (all[one] ?? 0) + 1 }), {}),
})`;

/** Looks into a process that was started with --inspect. */
export class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #count = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (text: Buffer) => {
      const reply = JSON.parse(text.toString()) as Reply;
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
  }

  static async open(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    await once(socket, 'open');
    return new Inspector(socket);
  }

  async held(): Promise<Held> {
    await this.#call('HeapProfiler.collectGarbage');
    const reply = await this.#call('Runtime.evaluate', { expression: HELD, returnByValue: true });
    return reply.result?.result?.value as Held;
  }

  close(): void {
    this.#socket.terminate();
  }

  #call(method: string, params: object = {}): Promise<Reply> {
    const id = ++this.#count;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }
}
