import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  CallFailedError,
  CallTimeoutError,
  Client,
  type ClientOptions,
  ConnectionLostError,
  type Notice,
  type Traffic,
  UnreachableError,
} from '../../src/client/index.ts';
import { VdsmError } from '../../src/common/errors.ts';
import { Milliseconds } from '../../src/common/units.ts';
import subscribe from '../../src/verbs/Events.subscribe.ts';
import unsubscribe from '../../src/verbs/Events.unsubscribe.ts';
import { freePort } from '../support/freePort.ts';
import { deferred, startServer, table } from '../support/server.ts';
import { passTime, until } from '../support/until.ts';
import { VirtualClock } from '../support/virtualClock.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

const plain = (port: number) => ({ kind: 'plain', host: '127.0.0.1', port }) as const;

function clientOf(options: ClientOptions): Client {
  const client = new Client(options);
  undo.push(() => client.close());
  return client;
}

type Methods = Parameters<typeof startServer>[0];

async function serve(methods: Methods) {
  const verbs = new Map([
    ...table(methods),
    ['Events.subscribe', subscribe],
    ['Events.unsubscribe', unsubscribe],
  ]);
  const server = await startServer({}, { verbs });
  undo.push(() => server.stop());
  return server;
}

describe('a call', () => {
  test('returns the result, with params and flow id as given', async () => {
    const { port } = await serve({
      'Host.echo': (params, { flowId }) => ({ params, flowId }),
    });
    const client = clientOf({ targets: [plain(port)], flowId: 'all' });
    expect(await client.connect()).toBe(`ws://127.0.0.1:${String(port)}`);
    expect(await client.request('Host.echo', { a: 1 })).toEqual({
      params: { a: 1 },
      flowId: 'all',
    });
    expect(await client.request('Host.echo', {}, { flowId: 'own' })).toEqual({
      params: {},
      flowId: 'own',
    });
  });

  test('rejects with code, message and data of an error reply', async () => {
    const { port } = await serve({
      'VM.getStats': () => {
        throw new VdsmError('NoSuchVM', 'x', { data: { job_id: 'j' } });
      },
    });
    const client = clientOf({ targets: [plain(port)] });
    const failed = await client
      .request('VM.getStats', {}, { flowId: 'f' })
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(CallFailedError);
    expect(failed).toMatchObject({
      method: 'VM.getStats',
      code: 1,
      message: 'Virtual machine does not exist: x',
      data: { flowId: 'f', job_id: 'j' },
    });
  });

  test('rejects after its timeout, and a late reply does no harm', async () => {
    const { promise, resolve } = deferred<string>();
    const { port } = await serve({ 'Host.ping': () => promise, 'Host.ping2': () => true });
    const clock = new VirtualClock();
    const client = clientOf({ targets: [plain(port)], clock, timeout: Milliseconds(1000) });
    await client.connect();
    const late = client.request('Host.ping').catch((error: unknown) => error);
    // sent before the clock moves
    await client.request('Host.ping2');
    await clock.advance(Milliseconds(1000));
    expect(await late).toBeInstanceOf(CallTimeoutError);
    resolve('late');
    expect(await client.request('Host.ping2')).toBe(true);
  });

  test('rejects when the connection ends before the reply; the next one connects again', async () => {
    const { promise } = deferred<string>();
    const { port, websocket } = await serve({ 'Host.ping': () => promise });
    const client = clientOf({ targets: [plain(port)] });
    const lost = client.request('Host.ping').catch((error: unknown) => error);
    await client.connect();
    void websocket.close(Milliseconds(0));
    const error = await lost;
    expect(error).toBeInstanceOf(ConnectionLostError);
    expect((error as Error).message).toMatch(
      /^Host\.ping: .*ended before the reply \(vmemd is stopping\)$/,
    );
    await expect(client.request('Host.ping')).rejects.toThrow(/vmemd is stopping/);
  });

  test('is traced as it is on the wire', async () => {
    const { port } = await serve({ 'Host.ping2': () => true });
    const seen: Traffic[] = [];
    const client = clientOf({ targets: [plain(port)], trace: (each) => seen.push(each) });
    await client.request('Host.ping2');
    expect(seen.map(({ direction, text }) => [direction, JSON.parse(text) as object])).toEqual([
      ['sent', { jsonrpc: '2.0', id: 1, method: 'Host.ping2', params: {} }],
      ['received', { jsonrpc: '2.0', id: 1, result: true }],
    ]);
  });
});

describe('connecting', () => {
  test('uses the first target that works', async () => {
    const { port } = await serve({ 'Host.ping2': () => true });
    const client = clientOf({
      targets: [{ kind: 'unix', path: '/nonexistent' }, plain(await freePort()), plain(port)],
    });
    expect(await client.connect()).toBe(`ws://127.0.0.1:${String(port)}`);
  });

  test('names each target and its reason if none works', async () => {
    const port = await freePort();
    const client = clientOf({ targets: [{ kind: 'unix', path: '/nonexistent' }, plain(port)] });
    const error = await client.connect().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnreachableError);
    expect((error as Error).message).toBe(
      `cannot connect to /nonexistent (there is no such socket), ws://127.0.0.1:${String(port)} (nothing listens there)`,
    );
  });

  test('gives up on a peer that accepts and says nothing', async () => {
    const server: Server = createServer();
    const folder = mkdtempSync(join(tmpdir(), 'vmemd-client-'));
    undo.push(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'socket');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    undo.push(() => server.close());
    const client = clientOf({
      targets: [{ kind: 'unix', path }],
      connectTimeout: Milliseconds(50),
    });
    await expect(client.connect()).rejects.toThrow(`${path} (it does not answer)`);
  });

  test('is refused after the client has been closed', async () => {
    const client = clientOf({ targets: [plain(await freePort())] });
    await client.close();
    await expect(client.connect()).rejects.toThrow('the client is closed');
  });
});

describe('a daemon that', () => {
  /** Opens a WebSocket server that calls `serve` for each connection; returns its port. */
  async function open(serveOne: (socket: WebSocket) => void, options = {}): Promise<number> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
    server.on('connection', serveOne);
    await once(server, 'listening');
    undo.push(() => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  test('no longer replies to pings is given up, and its calls fail', async () => {
    const port = await open(() => undefined, { autoPong: false });
    const clock = new VirtualClock();
    const client = clientOf({ targets: [plain(port)], clock });
    await client.connect();
    const lost = client.request('Host.ping').catch((error: unknown) => error);
    await clock.advance(Milliseconds(15_000));
    await clock.advance(Milliseconds(15_000));
    expect(await lost).toBeInstanceOf(ConnectionLostError);
  });

  test.each(['no JSON', '7', 'null', '{}', '[]', '{"method": 5}'])(
    'sends %j is left',
    async (text) => {
      const port = await open((socket) => {
        socket.on('message', () => {
          socket.send(text);
        });
      });
      const client = clientOf({ targets: [plain(port)] });
      await expect(client.request('Host.ping')).rejects.toThrow(ConnectionLostError);
    },
  );

  test.each([
    '{"id": 99, "result": 1}',
    '{"id": null, "error": {"code": -32700, "message": "x"}}',
    '{"method": "|virt|VM_memory|x", "params": {"notify_time": 1, "x": {}}}',
    '{"method": "x", "params": {}}',
    '{"method": "x"}',
  ])('sends %s that was not asked for is ignored', async (text) => {
    let calls = 0;
    const port = await open((socket) => {
      socket.on('message', () => {
        socket.send(text);
        socket.send(`{"id": ${String(++calls)}, "result": "mine"}`);
      });
    });
    const client = clientOf({ targets: [plain(port)] });
    await client.subscribe(['*'], () => undefined);
    expect(await client.request('Host.ping')).toBe('mine');
  });
});

describe('a subscription', () => {
  const name = '|virt|VM_memory|one';
  const params = { notify_time: 5, one: { event: 'balloon-change', balloon_cur: '7' } };
  const event = {
    type: 'event',
    kind: 'VM_memory',
    name,
    vmId: 'one',
    notifyTime: 5,
    detail: { event: 'balloon-change', balloon_cur: '7' },
  };

  test('gets the events that match its patterns until it ends', async () => {
    const { port, events } = await serve({ 'Host.ping2': () => true });
    const client = clientOf({ targets: [plain(port)] });
    const [memory, all]: [Notice[], Notice[]] = [[], []];
    const first = await client.subscribe(['|virt|VM_memory|*'], (notice) => memory.push(notice));
    await client.subscribe(['*'], (notice) => all.push(notice));
    events.publish('|virt|VM_status|one', { notify_time: 4, one: { status: 'Up' } });
    events.publish(name, params);
    await until(() => all.length === 2);
    expect(memory).toEqual([event]);
    await first.end();
    events.publish(name, params);
    await until(() => all.length === 3);
    expect(memory).toEqual([event]);
  });

  test('says when the connection is lost, and goes on with another one', async () => {
    const one = await serve({});
    const other = await serve({});
    const clock = new VirtualClock();
    const targets = [plain(one.port), plain(other.port)];
    const client = clientOf({ targets, clock });
    const notices: Notice[] = [];
    const resumed = deferred<undefined>();
    await client.subscribe(['|virt|*'], (notice) => {
      notices.push(notice);
      if (notice.type === 'resumed') resumed.resolve(undefined);
    });
    const stopped = one.stop();
    undo.splice(undo.length - 3, 1);
    await stopped;
    await until(() => notices.length === 1);
    expect(notices[0]).toEqual({ type: 'lost', reason: 'vmemd is stopping' });
    await passTime(clock, resumed.promise);
    expect(notices[1]).toEqual({ type: 'resumed', where: `ws://127.0.0.1:${String(other.port)}` });
    other.events.publish(name, params);
    await until(() => notices.length === 3);
    expect(notices[2]).toEqual(event);
  });
});
