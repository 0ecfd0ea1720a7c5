import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createOriginPolicy } from '../../../src/server/http/originPolicy.ts';
import { createHttp, plain } from '../../../src/server/http/http.ts';
import { silent } from '../../support/call.ts';

let server: Server;
let port: number;

beforeEach(async () => {
  const http = createHttp({
    originPolicy: createOriginPolicy({}),
    log: silent,
    pages: {
      '/healthz': () => plain(200, 'ok'),
      '/bad': () => Promise.reject(new Error('secret')),
    },
    upgrade: (_, socket) => socket.end('upgraded'),
  });
  server = createServer((socket) => http.emit('connection', socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  server.once('close', () => http.close());
});

afterEach(() => void server.close());

async function ask(first: string, ...headers: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end([`${first} HTTP/1.1`, ...headers, 'Connection: close', '', ''].join('\r\n'));
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

const local = 'Host: localhost';
const wsHeaders = ['Connection: Upgrade', 'Upgrade: websocket'];

test.each([
  ['GET /healthz', 200, 'ok'],
  ['GET /healthz?x=1', 200, 'ok'],
  ['GET /', 200, 'npx wscat -c ws://localhost/'],
  ['GET /', 200, 'JSON-RPC 2.0 over STOMP 1.2, as VDSM does'],
  ['GET /', 200, 'Pages: /healthz, /bad'],
  ['GET /nothing', 404, 'There is no page here'],
  ['GET /__proto__', 404, 'There is no page here'],
  ['POST /', 405, 'use JSON-RPC over WebSocket'],
  ['GET /bad', 500, 'the reason is in the log of vmemd'],
])('%s gets status %i', async (first, status, text) => {
  const answer = await ask(first, local);
  expect(answer.split('\r\n')[0]).toContain(`HTTP/1.1 ${String(status)} `);
  expect(answer).toContain(text);
  expect(answer).not.toContain('secret');
});

test('the help page names the port of the request', async () => {
  const answer = await ask('GET /', local);
  expect(answer).toContain(`vdsm-client --insecure -p ${String(port)} Host getVMList`);
});

test('HEAD gets no body', async () => {
  const answer = await ask('HEAD /healthz', local);
  expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*content-length: 3\r\n[^]*\r\n\r\n$/);
});

test('a foreign Host is refused for every request', async () => {
  const refusal = await ask('GET /healthz', 'Host: evil.example');
  expect(refusal).toContain('HTTP/1.1 403 ');
  expect(refusal).toContain('[rpc] allowed_hosts');
  expect(await ask('GET /', 'Host: evil.example', ...wsHeaders)).toContain('HTTP/1.1 403 ');
});

test('an upgrade at / reaches WebSocket', async () => {
  expect(await ask('GET /', local, ...wsHeaders)).toBe('upgraded');
});

test('an upgrade at another path or from a foreign page is refused', async () => {
  expect(await ask('GET /x', local, ...wsHeaders)).toContain('HTTP/1.1 404 ');
  const foreign = await ask('GET /', local, 'Origin: http://evil.example', ...wsHeaders);
  expect(foreign).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[^]*\[rpc\] allowed_origins/);
});

test('invalid HTTP gets 400', async () => {
  expect(await ask('GET', 'nonsense')).toContain('HTTP/1.1 400 ');
});

test.each([
  ['GET /healthz', 200, []],
  ['PUT /healthz', 405, ['Content-Length: 0']],
] as const)('%s that offers HTTP/2 gets its plain response', async (line, status, more) => {
  const offer = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'];
  expect(await ask(line, local, ...offer, ...more)).toContain(`HTTP/1.1 ${String(status)} `);
});

test('CONNECT is refused, as this is no proxy', async () => {
  expect(await ask('CONNECT example.org:443', local)).toContain('HTTP/1.1 405 ');
});
