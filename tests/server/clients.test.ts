import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import type { Peer } from '../../src/api/context.ts';
import type { Server } from '../../src/server/server.ts';
import { needs } from '../support/needs.ts';
import { openTestServer } from '../support/openServer.ts';
import { makePki } from '../support/pki.ts';

const closing: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A port whose requests are not answered; `peer` is that of the next request. */
async function open(pkiPath = '/nonexistent') {
  let tell: (peer: Peer) => void = () => undefined;
  const peer = new Promise<Peer>((resolve) => (tell = resolve));
  const server: Server = await openTestServer({
    call: (_method, _params, { caller }) => {
      tell(caller.peer);
      return Promise.reject(new Error('not answered'));
    },
    dispatch: ({ caller }) => {
      tell(caller.peer);
    },
    addresses: ['localhost'],
    pkiPath,
  });
  closing.push(() => server.close());
  return { port: server.endpoints[0]?.port ?? 0, peer };
}

function write(socket: Socket, text: string): void {
  closing.push(() => {
    socket.destroy();
  });
  socket.on('error', () => undefined).write(text);
}

const GET = 'GET /api HTTP/1.1\r\nHost: localhost\r\n\r\n';
const SEND = 'SEND\ndestination:jms.topic.vdsm_requests\n\n{}\0';

test.each([
  ['rest', GET],
  ['stomp', SEND],
])(
  'the client of a request over %s is known by address and local user',
  async (transport, text) => {
    const { port, peer } = await open();
    write(connect(port, '127.0.0.1'), text);
    const { user, ...client } = await peer;
    expect(client).toMatchObject({ transport, address: '127.0.0.1', certificate: undefined });
    expect(await user?.()).toBe(userInfo().username);
  },
);

test.each([
  ['websocket', []],
  ['stomp', ['v12.stomp']],
])('over WebSocket it is a client of %s with %j', async (transport, protocols) => {
  const { port, peer } = await open();
  const ws = new WebSocket(`ws://127.0.0.1:${String(port)}/`, protocols);
  closing.push(() => {
    ws.terminate();
  });
  await once(ws, 'open');
  ws.send(SEND);
  const { user, ...client } = await peer;
  expect(client).toMatchObject({ transport, address: '127.0.0.1' });
  expect(await user?.()).toBe(userInfo().username);
});

needs('openssl')('with TLS', () => {
  test.each([
    ['rest', GET],
    ['stomp', SEND],
  ])('the client of a request over %s is known by its certificate', async (transport, text) => {
    const pki = await makePki();
    closing.push(() => {
      pki.remove();
    });
    const { port, peer } = await open(pki.folder);
    write(connectTls({ ...pki.client, port, host: '127.0.0.1' }), text);
    expect(await peer).toMatchObject({
      transport,
      address: '127.0.0.1',
      certificate: expect.stringMatching(/\w/),
    });
  });
});
