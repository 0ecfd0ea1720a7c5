import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Client, type StompConfig } from '@stomp/stompjs';
import { WebSocket } from 'ws';
import { Milliseconds } from '../../../src/common/units.ts';
import { recorder } from '../../support/call.ts';
import { deferred, type Handle, startServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

type Server = Awaited<ReturnType<typeof startServer>>;
const servers: Server[] = [];
const clients: { terminate(): void }[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

const echo: Handle = (params) => params;

async function start(options: Parameters<typeof startServer>[1] = {}): Promise<Server> {
  const server = await startServer({ echo }, options);
  servers.push(server);
  return server;
}

const request = (id: number, params: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'echo', params });
const frame = (command: string, headers: Readonly<Record<string, string>>, body = ''): string => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  return `${command}\n${lines.join('')}\n${body}\0`;
};
const CONNECT = frame('CONNECT', { 'accept-version': '1.2', host: 'h', 'heart-beat': '0,0' });
const SUBSCRIBE = frame('SUBSCRIBE', { id: '1', destination: 'mine' });
const send = (id: number, params?: object): string =>
  frame(
    'SEND',
    { destination: 'jms.topic.vdsm_requests', 'reply-to': 'mine' },
    request(id, params),
  );

/** A client that records messages as they come. */
class RawClient {
  readonly ws: WebSocket;
  readonly messages: string[] = [];
  readonly binary: boolean[] = [];

  constructor(url: string) {
    this.ws = new WebSocket(url, ['v12.stomp']);
    clients.push(this.ws);
    this.ws.on('message', (data: Buffer, isBinary) => {
      this.messages.push(data.toString());
      this.binary.push(isBinary);
    });
  }

  static async open({ url }: Server): Promise<RawClient> {
    const client = new RawClient(url);
    await once(client.ws, 'open');
    return client;
  }

  /** Waits for so many messages. */
  async received(count: number): Promise<readonly string[]> {
    await until(() => this.messages.length >= count);
    return this.messages;
  }
}

describe('stompjs', () => {
  test.each<[string, Partial<StompConfig>]>([
    ['text messages', {}],
    ['binary messages', { forceBinaryWSFrames: true }],
    ['frames split over messages', { splitLargeFrames: true, maxWebSocketChunkSize: 1024 }],
  ])('calls verbs and disconnects with %s', async (_, config) => {
    const { url } = await start();
    const connected = deferred<undefined>();
    const disconnected = deferred<undefined>();
    const closed = deferred<undefined>();
    const protocols: string[] = [];
    const client = new Client();
    client.webSocketFactory = () => {
      const ws = new WebSocket(url, ['v12.stomp', 'v11.stomp', 'v10.stomp']);
      ws.on('open', () => protocols.push(ws.protocol));
      return ws;
    };
    client.reconnectDelay = 0;
    client.onConnect = () => connected.resolve(undefined);
    client.onDisconnect = () => disconnected.resolve(undefined);
    client.onWebSocketClose = () => closed.resolve(undefined);
    Object.assign(client, config);
    clients.push({ terminate: () => void client.deactivate({ force: true }) });
    client.activate();
    await connected.promise;
    expect(client.connectedVersion).toBe('1.2');
    expect(protocols).toEqual(['v12.stomp']);
    const reply = deferred<string>();
    const headers: Readonly<Record<string, string>> = { 'reply-to': 'replies' };
    client.subscribe('replies', ({ body }) => reply.resolve(body));
    client.publish({
      destination: 'jms.topic.vdsm_requests',
      headers,
      body: request(7, { text: 'ä'.repeat(5000) }),
    });
    expect(JSON.parse(await reply.promise)).toEqual({
      jsonrpc: '2.0',
      id: 7,
      result: { text: 'ä'.repeat(5000) },
    });
    void client.deactivate();
    await Promise.all([disconnected.promise, closed.promise]);
  });
});

describe('STOMP over WebSocket', () => {
  test('accepts frames in pieces and several in one message, and sends each in one of its own', async () => {
    const client = await RawClient.open(await start());
    for (const piece of [CONNECT.slice(0, 9), CONNECT.slice(9), SUBSCRIBE + send(1) + send(2)]) {
      client.ws.send(piece);
    }
    const bytes = Buffer.from(send(3, { a: 'ä' }));
    for (const byte of bytes) client.ws.send(Buffer.of(byte));
    const messages = await client.received(4);
    expect(messages.map((message) => message.split('\n', 1)[0])).toEqual([
      'CONNECTED',
      'MESSAGE',
      'MESSAGE',
      'MESSAGE',
    ]);
    expect(messages[3]).toMatch(/"id":3,"result":\{"a":"ä"\}\}\0$/);
    expect(client.binary).not.toContain(true);
  });

  test('sends line feeds as heart-beats, and events', async () => {
    const server = await start();
    const client = await RawClient.open(server);
    client.ws.send(frame('CONNECT', { 'accept-version': '1.2', 'heart-beat': '0,1000' }));
    client.ws.send(frame('SUBSCRIBE', { id: 'e', destination: 'jms.queue.events', receipt: 'r' }));
    await client.received(2);
    await server.clock.advance(Milliseconds(1000));
    expect((await client.received(3))[2]).toBe('\n');
    server.events.publish('|virt|x', { a: 1 });
    expect((await client.received(4))[3]).toContain('"method":"|virt|x"');
  });

  test('disconnects a client that is silent for longer than its heart-beat allows', async () => {
    const server = await start();
    const client = await RawClient.open(server);
    client.ws.send(frame('CONNECT', { 'accept-version': '1.2', 'heart-beat': '1000,0' }));
    await client.received(1);
    client.ws.send('\n');
    const closed = once(client.ws, 'close');
    await server.clock.advance(Milliseconds(10_000));
    await closed;
  });

  test('answers what is no frame with ERROR, then closes', async () => {
    const client = await RawClient.open(await start());
    const closed = once(client.ws, 'close');
    client.ws.send(request(1));
    expect((await client.received(1))[0]).toMatch(/^ERROR\n/);
    await closed;
  });

  test('limits a body as over TCP, and a message beside it', async () => {
    const server = await start({ maxFrame: 2000 });
    const client = await RawClient.open(server);
    client.ws.send(CONNECT + SUBSCRIBE);
    client.ws.send(send(1, { a: 'x'.repeat(3000) }));
    expect((await client.received(2))[1]).toContain('[rpc] max_frame_bytes');
    const other = await RawClient.open(server);
    const closed = once(other.ws, 'close');
    other.ws.send('x'.repeat(2 * 1024 * 1024));
    expect((await closed)[0]).toBe(1009);
  });

  test('disconnects a client that does not read', async () => {
    const { lines, log } = recorder('warn');
    const server = await start({ maxUnread: 100_000, log });
    const client = await RawClient.open(server);
    client.ws.send(CONNECT + SUBSCRIBE);
    await client.received(1);
    client.ws.pause();
    const closed = once(client.ws, 'close');
    for (let i = 0; i < 200; i++) client.ws.send(send(i, { a: 'x'.repeat(100_000) }));
    client.ws.on('error', () => undefined);
    await until(() => lines.length > 0);
    client.ws.resume();
    await closed;
  });
});

/** Returns the head of the response to a WebSocket handshake with these headers. */
async function handshake({ port }: Server, ...headers: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  clients.push({ terminate: () => socket.destroy() });
  const lines = [
    'GET / HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString().split('\r\n\r\n', 1)[0] ?? '';
}

describe('the handshake', () => {
  test.each([
    ['v12.stomp', 'v12.stomp'],
    ['v10.stomp, v11.stomp,v12.stomp', 'v12.stomp'],
    ['v11.stomp', undefined],
    ['json-rpc, chat', undefined],
  ])('agrees of %s to %s', async (offered, agreed) => {
    const head = await handshake(
      await start(),
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Protocol: ${offered}`,
    );
    expect(head).toMatch(/^HTTP\/1\.1 101 /);
    expect(/sec-websocket-protocol: (.*)/i.exec(head)?.[1]).toBe(agreed);
  });

  test.each([['8'], ['7'], ['0'], ['14'], ['13, 8'], [undefined]])(
    'refuses version %s with 426 and the version that is served',
    async (version) => {
      const headers = version === undefined ? [] : [`Sec-WebSocket-Version: ${version}`];
      const head = await handshake(await start(), ...headers);
      expect(head).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
      expect(head).toMatch(/^Sec-WebSocket-Version: 13$/im);
    },
  );
});
