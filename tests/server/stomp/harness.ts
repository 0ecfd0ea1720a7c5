import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { systemClock, type Clock } from '../../../src/common/clock.ts';
import { EventBus } from '../../../src/jsonrpc/eventBus.ts';
import { StompEndpoint, type StompOptions } from '../../../src/server/stomp/endpoint.ts';
import { silent } from '../../support/call.ts';
import { createRpc, table, type Handle } from '../../support/server.ts';

/** Opens a STOMP server with these verbs on a free loopback port. */
export async function startStomp(
  methods: Readonly<Record<string, Handle>> = { 'Host.ping2': () => true },
  options: Partial<StompOptions> = {},
) {
  const events = new EventBus();
  const { dispatch } = createRpc(table(methods));
  const clock: Clock = systemClock;
  const endpoint = new StompEndpoint({ dispatch, events, log: silent, clock, ...options });
  const server = createServer({ noDelay: true }, (socket) => {
    endpoint.accept(socket, 'admin');
  });
  return { events, endpoint, ...(await listen(server)) };
}

/** Opens a server on a free loopback port. */
export async function listen(server: Server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, server, stop: () => server.close() };
}

export type StompServer = Awaited<ReturnType<typeof startStomp>>;

/** A client that sends raw bytes and records all that it receives. */
export class RawClient {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  #text = '';
  #taken = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => (this.#text += chunk.toString()));
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** All that was received so far. */
  get text(): string {
    return this.#text;
  }

  write(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** Returns the next frame without its NUL and leading heart-beats; throws if the connection ends first. */
  async frame(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf('\0', this.#taken);
      if (end >= 0) {
        const frame = this.#text.slice(this.#taken, end).replace(/^\n+/, '');
        this.#taken = end + 1;
        return frame;
      }
      if (this.socket.destroyed) throw new Error('the connection ended before a frame came');
      await Promise.race([once(this.socket, 'data'), this.closed]);
    }
  }

  end(): void {
    this.socket.destroy();
  }
}

/** Returns a client's frame; headers are not escaped. */
export const frame = (
  command: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): string =>
  `${command}\n${Object.entries(headers)
    .map(([name, value]) => `${name}:${value}\n`)
    .join(
      '',
    )}${body === '' ? '' : `content-length:${String(Buffer.byteLength(body))}\n`}\n${body}\0`;

export const CONNECT = frame('CONNECT', { 'accept-version': '1.2', 'heart-beat': '0,24000' });
export const JAVA_CONNECT = frame('CONNECT', {
  'heart-beat': '0,15000',
  'accept-version': '1.2',
  host: 'null',
});

export const subscribe = (destination: string, id: string): string =>
  frame('SUBSCRIBE', { destination, ack: 'auto', id });

export const request = (
  text: string,
  headers: Readonly<Record<string, string>> = { 'reply-to': 'replies' },
): string => frame('SEND', { destination: 'jms.topic.vdsm_requests', ...headers }, text);

export const call = (id: unknown, method = 'Host.ping2', params: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', method, params, id });

/** Returns the JSON in a MESSAGE. */
export const bodyOf = (message: string): unknown =>
  JSON.parse(message.slice(message.indexOf('\n\n') + 2));
