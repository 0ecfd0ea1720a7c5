import { once } from 'node:events';
import { Ajv } from 'ajv';
import { WebSocket } from 'ws';
import { methods, someMessage } from '../jsonRpc.ts';
import { Service } from '../service/service.ts';
import type { Target, Trials, Verdict } from '../target.ts';

/** So many because requests that wait for a guest take a second. */
const WIDTH = 32;
/** Exchanges after which the log, whose level clients may change, says again what is wrong. */
const LOG_EVERY = 10;
/** A message without all of its replies by then is not answered. */
const PATIENCE_MS = 20_000;
const INTERNAL = -32603;

const ajv = new Ajv({ strict: false, validateFormats: false });
const results = new Map(methods.map(({ name, result }) => [name, ajv.compile(result.schema)]));

/** JSON-RPC over WebSocket: each request gets its one reply, of its contract's shape, whatever the messages around it. */
export const webSocket: Target<string> = {
  name: 'websocket',
  weight: 14,
  make: someMessage,
  async open({ isReplay }): Promise<Trials<string>> {
    const service = await Service.open({ isWitnessed: !isReplay });
    const idle: Conversation[] = [];
    return {
      width: WIDTH,
      judge: (text) =>
        service.fire(async () => {
          const conversation = idle.pop() ?? (await Conversation.open(service.port));
          const verdict = await conversation.exchange(text);
          if (conversation.isOpen) idle.push(conversation);
          return verdict;
        }),
      async close() {
        for (const each of idle) each.close();
        return service.close();
      },
    };
  },
};

interface Reply {
  readonly jsonrpc?: unknown;
  readonly id?: unknown;
  readonly method?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown; readonly message?: unknown };
}

/** A connection on which messages are tried one after the other. */
class Conversation {
  readonly #socket: WebSocket;
  #replies: Reply[] = [];
  #look = (): void => undefined;
  #count = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const text = JSON.parse(data.toString()) as Reply | Reply[];
      const replies = Array.isArray(text) ? text : [text];
      this.#replies.push(...replies.filter(({ method }) => method === undefined));
      this.#look();
    });
    socket.on('close', () => {
      this.#look();
    });
  }

  static async open(port: number): Promise<Conversation> {
    const socket = new WebSocket(`ws://127.0.0.1:${String(port)}`);
    await once(socket, 'open', { signal: AbortSignal.timeout(PATIENCE_MS) });
    return new Conversation(socket);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  close(): void {
    this.#socket.terminate();
  }

  /** Sends a message and then a plain request; returns what is wrong with their replies. */
  async exchange(text: string): Promise<Verdict> {
    this.#replies = [];
    const end = `end-${String(this.#count++)}`;
    const last =
      this.#count % LOG_EVERY === 0 ?
        { method: 'Host.setLogLevel', params: { level: 'warn' } }
      : { method: 'Host.ping' };
    const asked = requestsIn(text);
    this.#socket.send(text);
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id: end, ...last }));
    const wanted = asked.filter(({ isWanted }) => isWanted).length + 1;
    await this.#until(() => this.#replies.length >= wanted || !this.isOpen);
    if (!this.isOpen) return 'the connection was closed';
    const replies = this.#replies.filter(({ id }) => id !== end);
    if (this.#replies.length < wanted) {
      this.close();
      return `${String(wanted - this.#replies.length)} of ${String(wanted)} requests got no reply`;
    }
    if (replies.length > wanted - 1)
      return `${String(replies.length)} replies to ${String(wanted - 1)} requests`;
    return wrongIn(replies, asked);
  }

  async #until(isDone: () => boolean): Promise<void> {
    if (isDone()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      this.#look = () => {
        if (!isDone()) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

interface Asked {
  readonly method: unknown;
  readonly id: unknown;
  readonly isWanted: boolean;
}

/** What a message asks for, by JSON.parse and the rules of JSON-RPC. */
function requestsIn(text: string): readonly Asked[] {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return [REFUSED];
  }
  if (!Array.isArray(message)) return [asked(message)];
  // one reply to a batch without requests or with too many
  return message.length === 0 || message.length > 100 ? [REFUSED] : message.map(asked);
}

const REFUSED: Asked = { method: undefined, id: null, isWanted: true };

function asked(request: unknown): Asked {
  if (typeof request !== 'object' || request === null) return REFUSED;
  const { id, method } = request as Record<string, unknown>;
  const isId = typeof id === 'string' || typeof id === 'number';
  return { method, id: isId ? id : null, isWanted: id !== undefined || !isRequest(request) };
}

function isRequest(request: object): boolean {
  const { method, jsonrpc, params } = request as Record<string, unknown>;
  const hasParams = params === undefined || (typeof params === 'object' && params !== null);
  const isReply = 'result' in request || 'error' in request;
  return jsonrpc === '2.0' && typeof method === 'string' && hasParams && !isReply;
}

function wrongIn(replies: readonly Reply[], all: readonly Asked[]): Verdict {
  for (const reply of replies) {
    const asking = all.filter(({ id }) => id === reply.id);
    if (asking.length === 0 && reply.id !== null)
      return `no request has the id ${JSON.stringify(reply.id)}`;
    const method = asking.length === 1 ? asking[0]?.method : undefined;
    const verdict = formOf(reply) ?? breach(method, reply.result);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

/** Returns what is wrong with the form of a reply. */
function formOf({ jsonrpc, error, result }: Reply): Verdict {
  if (jsonrpc !== '2.0' || (error === undefined) === (result === undefined))
    return 'a reply is neither result nor error';
  if (error?.code === INTERNAL) return `an internal error: ${JSON.stringify(error)}`;
  if (error && (!Number.isInteger(error.code) || typeof error.message !== 'string')) {
    return `this is no error: ${JSON.stringify(error)}`;
  }
  return undefined;
}

/** Returns how a result breaks the contract of its verb. */
function breach(method: unknown, result: unknown): Verdict {
  const check = results.get(String(method));
  if (result === undefined || !check || check(result)) return undefined;
  return `the result of ${String(method)} breaks its contract: ${ajv.errorsText(check.errors)}`;
}
