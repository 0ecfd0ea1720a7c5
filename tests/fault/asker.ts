import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Longer than anything takes on a busy machine. */
const PATIENCE_MS = 120_000;

export interface Answer {
  /** 0: done. */
  readonly code: number;
  readonly result?: unknown;
  readonly message?: string;
}

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A client that counts the answers to each of its requests. */
export class Asker {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #answers = new Map<number, number>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.#take(JSON.parse(data.toString()) as Reply);
    });
  }

  static async connect(url: string): Promise<Asker> {
    const socket = new WebSocket(url.replace(/^http/, 'ws'));
    await once(socket, 'open');
    return new Asker(socket);
  }

  get asked(): number {
    return this.#lastId;
  }

  /** The ids of requests that were not answered exactly once, and of answers to none. */
  get miscounted(): readonly number[] {
    const ids = Array.from({ length: this.#lastId }, (_, index) => index + 1);
    const strange = [...this.#answers.keys()].filter((id) => id < 1 || id > this.#lastId);
    return [...ids.filter((id) => this.#answers.get(id) !== 1), ...strange];
  }

  /** Sends a request; returns its answer, whatever that is. Throws if none comes. */
  async ask(method: string, params: object = {}): Promise<Answer> {
    const id = (this.#lastId += 1);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        reject(new Error(`${method} has no answer: ${reason}`));
      };
      const onClose = (): void => {
        fail('the connection has ended');
      };
      const onLate = (): void => {
        fail('none came in time');
      };
      signal.addEventListener('abort', onLate, { once: true });
      this.#socket.once('close', onClose);
      this.#waiting.set(id, (answer) => {
        signal.removeEventListener('abort', onLate);
        this.#socket.off('close', onClose);
        resolve(answer);
      });
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  /** The result; throws for an error. */
  async result<T>(method: string, params: object = {}): Promise<T> {
    const { code, result, message } = await this.ask(method, params);
    if (code !== 0) throw new Error(`${method}: ${String(message)} (${String(code)})`);
    return result as T;
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #take({ id, result, error }: Reply): void {
    if (id === undefined) return;
    this.#answers.set(id, (this.#answers.get(id) ?? 0) + 1);
    this.#waiting.get(id)?.(error ?? { code: 0, result });
    this.#waiting.delete(id);
  }
}
