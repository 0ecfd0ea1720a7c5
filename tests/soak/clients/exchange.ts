import type { Books, Reply, Request } from './books.ts';

interface Waiting {
  readonly request: Request;
  readonly settle: (reply: Reply) => void;
}

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** The requests and replies of one JSON-RPC connection: each id is answered once, and no other is. */
export class Exchange {
  readonly #books: Books;
  readonly #waiting = new Map<string, Waiting>();
  #isOver = false;

  constructor(books: Books) {
    this.#books = books;
  }

  /** Returns the message for requests, and their replies. */
  ask(requests: readonly Request[]): { text: string; replies: Promise<readonly Reply[]> } {
    const messages = requests.map(({ method, params, flowId }) => ({
      jsonrpc: '2.0',
      id: flowId,
      method,
      params,
      flow_id: flowId,
    }));
    const replies = requests.map((request) => this.#reply(request));
    const [first, ...more] = messages;
    const text = JSON.stringify(more.length > 0 ? messages : first);
    return { text, replies: Promise.all(replies) };
  }

  /** Takes a text that was received. */
  receive(text: string): void {
    const message = JSON.parse(text) as Message | readonly Message[];
    for (const each of [message].flat() as readonly Message[]) this.#receive(each);
  }

  /** The connection has ended; `isOwn` if its client is to blame. */
  end(isOwn: boolean): void {
    this.#isOver = true;
    for (const { settle } of [...this.#waiting.values()]) settle({ kind: 'lost', isOwn });
  }

  #reply(request: Request): Promise<Reply> {
    this.#books.sent(request);
    return new Promise((resolve) => {
      const settle = (reply: Reply): void => {
        this.#waiting.delete(request.flowId);
        this.#books.settled(request, reply);
        resolve(reply);
      };
      if (this.#isOver) settle({ kind: 'lost', isOwn: true });
      else this.#waiting.set(request.flowId, { request, settle });
    });
  }

  #receive({ id, method, result, error }: Message): void {
    if (method !== undefined) {
      this.#books.count('events');
      return;
    }
    const waiting = this.#waiting.get(String(id));
    if (!waiting) this.#books.wrong(`a reply to ${String(id)}, which waits for none`);
    else if (error) waiting.settle({ kind: 'error', ...error });
    else waiting.settle({ kind: 'result', result });
  }
}
