import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { WebSocket, type ClientOptions } from 'ws';
import { Milliseconds } from '../../../src/common/units.ts';
import { recorder } from '../../support/call.ts';
import { until } from '../../support/until.ts';
import { deferred, startServer, type Handle } from '../../support/server.ts';

type Server = Awaited<ReturnType<typeof startServer>>;
const servers: Server[] = [];
const clients: WebSocket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(...args: Parameters<typeof startServer>): Promise<Server> {
  const server = await startServer(...args);
  servers.push(server);
  return server;
}

async function open({ url }: Server, options: ClientOptions = {}): Promise<WebSocket> {
  const client = new WebSocket(url, options);
  clients.push(client);
  await once(client, 'open');
  return client;
}

const text = (method: string, id?: number, params: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

const next = async (client: WebSocket): Promise<unknown> => {
  const [data] = (await once(client, 'message')) as [Buffer];
  return JSON.parse(data.toString());
};
const closed = async (client: WebSocket): Promise<number> => (await goodbye(client))[0];
const goodbye = async (client: WebSocket): Promise<[code: number, reason: string]> => {
  const [code, reason] = (await once(client, 'close')) as [number, Buffer];
  return [code, reason.toString()];
};
const echo: Handle = (params) => params;

test('requests and batches get replies on their connection', async () => {
  const client = await open(await start({ echo }));
  client.send(text('echo', 1, { a: 1 }));
  expect(await next(client)).toEqual({ jsonrpc: '2.0', id: 1, result: { a: 1 } });
  client.send(`[${text('echo', 2)},${text('echo')}]`);
  expect(await next(client)).toEqual([{ jsonrpc: '2.0', id: 2, result: {} }]);
  client.send('{');
  expect(await next(client)).toMatchObject({ id: null, error: { code: -32700 } });
});

test('events are sent to subscribed connections as notifications', async () => {
  const server = await start({
    subscribe: (_, { peer }) => {
      peer.subscriptions.add('|virt|*');
      return true;
    },
  });
  const client = await open(server);
  client.send(text('subscribe', 1));
  await next(client);
  server.events.publish('|net|x', {});
  server.events.publish('|virt|x', { a: 1 });
  expect(await next(client)).toEqual({ jsonrpc: '2.0', method: '|virt|x', params: { a: 1 } });
  client.close();
  await closed(client);
});

test('binary messages close the connection with 1003', async () => {
  const client = await open(await start({ echo }));
  client.send(Buffer.from(text('echo', 1)));
  expect(await closed(client)).toBe(1003);
});

test('17 MiB of JSON close the connection with 1009, and only that one', async () => {
  const { lines, log } = recorder('info');
  const server = await start({ echo }, { log });
  const other = await open(server);
  const client = await open(server);
  client.on('error', () => undefined);
  client.send(text('echo', 1, { a: 'x'.repeat(17 * 1024 * 1024) }));
  expect(await goodbye(client)).toEqual([
    1009,
    'a message may have 4194304 bytes ([rpc] max_message_bytes)',
  ]);
  expect(lines).toMatchObject([
    { level: 30, address: '127.0.0.1', msg: 'a WebSocket client violated the protocol' },
  ]);
  expect(lines[0]?.['reason']).toBe('a message may have 4194304 bytes ([rpc] max_message_bytes)');
  expect(JSON.stringify(lines)).not.toContain('stack');
  other.send(text('echo', 1));
  expect(await next(other)).toMatchObject({ id: 1 });
});

test('a message in too many fragments closes the connection', async () => {
  const client = await open(await start({ echo }));
  client.on('error', () => undefined);
  for (let i = 0; i < 70; i++) client.send(' ', { fin: false });
  expect(await closed(client)).toBe(1008);
});

test('pages of other origins may not connect', async () => {
  const server = await start({ echo });
  await expect(open(server, { origin: 'http://evil.example' })).rejects.toThrow('403');
  await open(server, { origin: server.url.replace('ws:', 'http:').slice(0, -1) });
});

test('a client that sends no pong between two pings is disconnected', async () => {
  const server = await start({ echo });
  const alive = await open(server);
  const dead = await open(server, { autoPong: false });
  const ended = closed(dead);
  const ponged = once(alive, 'ping');
  await server.clock.advance(Milliseconds(30_000));
  await ponged;
  alive.send(text('echo', 1));
  await next(alive);
  await server.clock.advance(Milliseconds(30_000));
  expect(await ended).toBe(1006);
  expect(alive.readyState).toBe(WebSocket.OPEN);
});

test('a client that never reads is disconnected', async () => {
  const { lines, log } = recorder('warn');
  const big: Handle = () => 'x'.repeat(1024 * 1024);
  const client = await open(await start({ big }, { log, maxUnread: 4 * 1024 * 1024 }));
  client.pause();
  for (let id = 0; id < 60; id++) client.send(text('big', id));
  while (lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
  client.resume();
  expect(await closed(client)).toBe(1006);
  expect(lines).toMatchObject([{ msg: 'disconnected a client that does not read' }]);
});

test('a client that reads gets batches whose replies exceed the limit when they are made', async () => {
  const big: Handle = () => 'x'.repeat(100_000);
  const client = await open(await start({ big }, { maxUnread: 1024 * 1024 }));
  const batch = Array.from({ length: 15 }, (_, id) => text('big', id)).join(',');
  let replies = 0;
  client.on('message', () => replies++);
  client.send(`[${batch}]`);
  client.send(`[${batch}]`);
  await until(() => replies === 2);
  expect(client.readyState).toBe(WebSocket.OPEN);
});

test.each([
  ['half a message', Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x7b])],
  ['half a frame', Buffer.from([0x81, 0xff, 0, 0])],
])('a client that sends only %s is disconnected', async (_, bytes) => {
  const { lines, log } = recorder();
  const server = await start({}, { log, pingInterval: Milliseconds(3_600_000) });
  const client = await open(server);
  const raw = (client as unknown as { _socket: Socket })._socket;
  raw.write(bytes);
  const end = closed(client);
  client.on('error', () => undefined);
  await until(() => {
    raw.setNoDelay();
    return raw.bytesWritten > 0 && raw.writableLength === 0;
  });
  while (lines.length === 0) await server.clock.advance(Milliseconds(1000));
  expect(server.clock.now()).toBeGreaterThanOrEqual(30_000);
  await end;
});

test('a client that only listens is kept', async () => {
  const server = await start({ echo }, { pingInterval: Milliseconds(3_600_000) });
  const client = await open(server);
  client.send(text('echo', 1));
  await next(client);
  await server.clock.advance(Milliseconds(3_000_000));
  client.send(text('echo', 2));
  expect(await next(client)).toMatchObject({ id: 2 });
});

test('stopping waits for running requests, then closes', async () => {
  const began = deferred<boolean>();
  const work = deferred<string>();
  const wait: Handle = () => {
    began.resolve(true);
    return work.promise;
  };
  const server = await start({ wait, echo });
  const client = await open(server);
  client.send(text('wait', 1));
  await began.promise;
  const stopped = server.websocket.close(Milliseconds(5000));
  await expect(open(server)).rejects.toThrow('503');
  client.send(text('echo', 2));
  const answer = next(client);
  const ended = closed(client);
  work.resolve('done');
  expect(await answer).toMatchObject({ id: 1, result: 'done' });
  expect(await ended).toBe(1001);
  await stopped;
});

test('stopping waits neither for requests nor for close replies beyond its deadlines', async () => {
  const began = deferred<boolean>();
  const wait: Handle = () => {
    began.resolve(true);
    return new Promise(() => undefined);
  };
  const server = await start({ wait });
  const client = await open(server);
  client.send(text('wait', 1));
  await began.promise;
  client.pause();
  const stopped = server.websocket.close(Milliseconds(5000));
  await server.clock.advance(Milliseconds(5000));
  await server.clock.advance(Milliseconds(1000));
  await stopped;
  const ended = closed(client);
  client.resume();
  expect(await ended).toBe(1001);
});
