import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { Caller } from '../../../src/jsonrpc/request.ts';
import type { Server, ServerOptions } from '../../../src/server/server.ts';
import { openTestServer } from '../../support/openServer.ts';

let server: Server;
afterEach(() => server.close());

let peers: Caller['peer'][];

async function open(actions: boolean, options: Partial<ServerOptions> = {}): Promise<void> {
  peers = [];
  server = await openTestServer({
    dashboard: { folder: undefined, actions },
    dispatch: ({ caller }, reply) => {
      peers.push(caller.peer);
      reply({ id: '1', text: '{}' });
    },
    call: (_method, _params, { caller }, encode) => {
      peers.push(caller.peer);
      return Promise.resolve({ ok: true, result: encode({ memory_mib: 1 }) });
    },
    ...options,
  });
}

const address = (): string => `127.0.0.1:${String(server.endpoints[0]?.port)}`;
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36';

/** Asks once over a WebSocket with these headers; returns the peer that the request came from. */
async function ask(headers: Readonly<Record<string, string>>) {
  const socket = new WebSocket(`ws://${address()}/`, { headers });
  await once(socket, 'open');
  socket.send('{}');
  await once(socket, 'message');
  socket.close();
  await once(socket, 'close');
  return peers.at(-1);
}

test('the page only reads unless actions are on', async () => {
  await open(false);
  const headers = { origin: `http://${address()}`, 'user-agent': BROWSER };
  expect(await ask(headers)).toMatchObject({ access: 'read', transport: 'dashboard' });
});

test('with actions the page may do what its connection may do', async () => {
  await open(true);
  const headers = { origin: `http://${address()}`, 'user-agent': BROWSER };
  expect(await ask(headers)).toMatchObject({ access: 'admin', transport: 'dashboard' });
});

test.each([
  ['without an Origin', {}],
  ['that names our own Origin, as some libraries do', { origin: 'own' }],
  ['of a console that is allowed', { origin: 'https://console.example', 'user-agent': BROWSER }],
])('a client %s is no page, and keeps its class', async (_, given: { origin?: string }) => {
  await open(false, { originPolicy: { origins: ['https://console.example'] } });
  const origin = given.origin === 'own' ? { origin: `http://${address()}` } : {};
  const headers = { ...given, ...origin } as Record<string, string>;
  expect(await ask(headers)).toMatchObject({ access: 'admin', transport: 'websocket' });
});

test.each(['http://evil.example', 'http://localhost:1', 'null', 'file://'])(
  'a page of %s may not connect',
  async (origin) => {
    await open(true);
    const socket = new WebSocket(`ws://${address()}/`, {
      headers: { origin, 'user-agent': BROWSER },
    });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain('403');
    expect(peers).toEqual([]);
  },
);

test('a browser that changes something over REST is held to the same', async () => {
  await open(false);
  const put = (headers: object) =>
    fetch(`http://${address()}/api/vms/00000000-0000-4000-8000-000000000001/reset`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    });
  await put({ origin: `http://${address()}`, 'user-agent': BROWSER });
  expect(peers.at(-1)).toMatchObject({ access: 'read', transport: 'dashboard' });
  await put({});
  expect(peers.at(-1)).toMatchObject({ access: 'admin', transport: 'rest' });
});
