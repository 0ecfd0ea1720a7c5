import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import type { Caller } from '../../src/jsonrpc/request.ts';
import { Milliseconds } from '../../src/common/units.ts';
import type { Server, ServerOptions } from '../../src/server/server.ts';
import { openTestServer } from '../support/openServer.ts';
import { deferred } from '../support/server.ts';
import { until } from '../support/until.ts';
import { VirtualClock } from '../support/virtualClock.ts';

const clock = new VirtualClock();
const sockets: Socket[] = [];
let server: Server;
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Opens a port each of whose requests takes until `work` fulfils. */
async function open(
  work: (caller: Caller) => Promise<unknown>,
  options: Partial<ServerOptions> = {},
): Promise<void> {
  server = await openTestServer({
    clock,
    async call(_method, _params, { caller }, encode) {
      await work(caller);
      return { ok: true, result: encode([]) };
    },
    dispatch({ caller }, reply) {
      void work(caller).then(() => {
        reply({ id: '1', text: '{"jsonrpc":"2.0","id":1,"result":true}' });
      });
    },
    ...options,
  });
}

function send(text: string): Socket {
  const socket = connect(server.endpoints[0]?.port ?? 0, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined).write(text, 'latin1');
  return socket;
}

const HOST = 'Host: localhost\r\n';
const UPGRADE =
  `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
/** A masked text message without content. */
const MESSAGE = '\x81\x80\0\0\0\0';
const RESPONSES = 'jms.topic.vdsm_responses';

const protocols = [
  ['rest', `GET /api/vms HTTP/1.1\r\n${HOST}\r\n`, 'HTTP/1.1 '],
  [
    'stomp',
    `SUBSCRIBE\nid:1\ndestination:${RESPONSES}\n\n\0SEND\ndestination:jms.topic.vdsm_requests\n\n{}\0`,
    '"result":true',
  ],
  ['websocket', UPGRADE + MESSAGE, '"result":true'],
] as const;

const hasEnded = async (promise: Promise<unknown>): Promise<boolean> => {
  let isOver = false;
  void promise.then(() => (isOver = true));
  await turns();
  return isOver;
};

/** Lets the server see what has happened to its connections. */
async function turns(): Promise<void> {
  for (let count = 0; count < 20; count += 1) await turn();
}

test.each(protocols)(
  'a request over %s that waits for the name of its user only is answered before the end',
  async (_, request, reply) => {
    const asked = deferred<undefined>();
    const work = async ({ peer }: Caller): Promise<void> => {
      asked.resolve(undefined);
      await peer.user?.();
    };
    await open(work, { userOf: () => new Promise(() => undefined) });
    const socket = send(request);
    let received = '';
    socket.on('data', (chunk) => (received += String(chunk)));
    await asked.promise;
    const closed = server.close();
    await clock.advance(Milliseconds(1000));
    await until(() => received.includes(reply));
    socket.end();
    await clock.advance(Milliseconds(1000));
    await closed;
  },
);

test.each(protocols)(
  'a request over %s whose client has left is waited for at the end',
  async (...[, request]) => {
    const [begun, work] = [deferred<undefined>(), deferred<undefined>()];
    await open(() => {
      begun.resolve(undefined);
      return work.promise;
    });
    const socket = send(request);
    await begun.promise;
    socket.destroy();
    await once(socket, 'close');
    await turns();
    const closed = server.close();
    expect(await hasEnded(closed)).toBe(false);
    work.resolve(undefined);
    await closed;
  },
);
