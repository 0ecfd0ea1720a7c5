import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { startServer } from '../support/server.ts';
import { assertProperty } from '../support/property.ts';

let server: Awaited<ReturnType<typeof startServer>>;
let witness: WebSocket;

beforeAll(async () => {
  server = await startServer({ echo: (params) => params });
  witness = new WebSocket(server.url);
  await once(witness, 'open');
});
afterAll(async () => {
  witness.terminate();
  await server.stop();
});

async function throwAt(bytes: Uint8Array): Promise<void> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.end(bytes);
  await once(socket, 'close');
}

async function expectService(): Promise<void> {
  witness.send('{"jsonrpc":"2.0","id":1,"method":"echo"}');
  const [reply] = (await once(witness, 'message')) as [Buffer];
  expect(reply.toString()).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
}

const handshake = Buffer.from(
  'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
);
const start = fc.constantFrom(
  '',
  'GET / HTTP/1.1\r\n',
  'CONNECT\n',
  'CONNECT ',
  'POST /',
  handshake,
);

test('any bytes sent to the port end at most their own connection', async () => {
  await assertProperty(
    fc.asyncProperty(start, fc.uint8Array({ maxLength: 2000 }), async (first, bytes) => {
      await throwAt(Buffer.concat([Buffer.from(first), bytes]));
      await expectService();
    }),
    { seconds: 3 },
  );
});
