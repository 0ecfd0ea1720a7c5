import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createOriginPolicy } from '../../../src/server/http/originPolicy.ts';
import { createHttp } from '../../../src/server/http/http.ts';
import { type Page, plain } from '../../../src/server/http/page.ts';
import { Responses } from '../../../src/server/http/responses.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { asAdmin } from '../../support/access.ts';
import { silent } from '../../support/call.ts';
import { deferred } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const LONG = 'metric 1\n'.repeat(2000);

let server: Server;
let port: number;
let clock: VirtualClock;
let responses: Responses;
let later: ReturnType<typeof deferred<Page>>;

const finishLater = (): void => {
  later.resolve(plain(200, 'done'));
};

beforeEach(async () => {
  clock = new VirtualClock();
  responses = new Responses(clock);
  later = deferred();
  const http = createHttp({
    originPolicy: createOriginPolicy({}),
    log: silent,
    clock,
    responses,
    grantOf: () => asAdmin,
    pages: {
      '/healthz': () => plain(200, 'ok'),
      '/bytes': () => ({ status: 200, type: 'text/html', body: Buffer.from('bytes') }),
      '/later': () => later.promise,
      '/long': () => ({ ...plain(200, LONG), headers: { vary: 'accept' } }),
      '/chosen': () => ({ ...plain(200, LONG), headers: { vary: 'accept, accept-encoding' } }),
      '/big': () => plain(200, 'x'.repeat(64 * 1024 * 1024)),
      '/bad': () => Promise.reject(new Error('secret')),
    },
    upgrade: (_, { socket }) => socket.end('upgraded'),
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
  ['GET /', 200, 'vmemctl --host ws://localhost call'],
  ['GET /', 200, 'JSON-RPC 2.0 over STOMP 1.2, as VDSM does'],
  ['GET /', 200, 'Pages: /healthz, /bytes, /later, /long, /chosen, /big, /bad'],
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

test.each([
  ['http://localhost/healthz', 'ok'],
  ['HTTPS://127.0.0.1:54321/healthz?x=1', 'ok'],
  ['http://localhost', 'This is vmemd.'],
  ['http://localhost?x=1', 'This is vmemd.'],
])('the whole URL %s as a target gets the page, and its host counts', async (url, text) => {
  const answer = await ask(`GET ${url}`, 'Host: evil.example');
  expect(answer).toContain('HTTP/1.1 200 ');
  expect(answer).toContain(text);
});

test('a whole URL as a target gets no further than its host', async () => {
  const refusal = await ask('GET http://evil.example/healthz', local);
  expect(refusal).toContain('HTTP/1.1 403 ');
  expect(await ask('GET http://me@localhost/healthz', local)).toContain('HTTP/1.1 403 ');
});

test('an upgrade with a whole URL as a target reaches WebSocket', async () => {
  expect(await ask('GET http://localhost/', local, ...wsHeaders)).toBe('upgraded');
});

test('several Host headers are refused, also if they agree', async () => {
  for (const second of ['Host: evil.example', local]) {
    expect(await ask('GET /healthz', local, second)).toContain('HTTP/1.1 400 ');
    expect(await ask('GET /', local, second, ...wsHeaders)).toContain('HTTP/1.1 400 ');
  }
});

test('a request of HTTP/1.0 without a Host is told to send one', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.end('GET /healthz HTTP/1.0\r\n\r\n');
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  expect(answer).toContain('HTTP/1.1 400 ');
  expect(answer).toContain('has no Host header; send one');
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

const pipelined = (count: number, line = 'GET /healthz'): string =>
  `${line} HTTP/1.1\r\n${local}\r\n\r\n`.repeat(count);

test('responses to a client that pipelines requests and disconnects end, also those behind others', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.write(pipelined(90, 'GET /later'));
  await until(() => !responses.isIdle);
  socket.destroy();
  await until(() => responses.isIdle);
});

test('a client that pipelines is told to continue before a response or not at all, never within one', async () => {
  const socket = connect(port, '127.0.0.1');
  const expecting = [`GET /bytes HTTP/1.1`, local, 'Expect: 100-continue', '', ''].join('\r\n');
  const slow = [`GET /later HTTP/1.1`, local, '', ''].join('\r\n');
  socket.write(slow + expecting);
  await until(() => !responses.isIdle);
  finishLater();
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  const bodies = answer.split(/HTTP\/1\.1 \d{3} [^]*?\r\n\r\n/).slice(1);
  expect(bodies).toEqual(['done\n', 'bytes']);
});

test('a client that waits before it sends a body is told to continue', async () => {
  const expecting = ask('GET /healthz', local, 'Expect: 100-continue');
  expect(await expecting).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
});

test('requests that a connection pipelines beyond a limit get 503', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.write(pipelined(102, 'GET /later'));
  await until(() => !responses.isIdle);
  finishLater();
  socket.end(`GET /healthz HTTP/1.1\r\n${local}\r\nConnection: close\r\n\r\n`);
  let received = '';
  for await (const chunk of socket) received += String(chunk);
  expect(received).toContain('HTTP/1.1 503 ');
  expect(received.match(/HTTP\/1\.1 200 /g)?.length).toBeGreaterThanOrEqual(100);
});

test('a client that does not receive its response is disconnected', async () => {
  const [accepted, socket] = [once(server, 'connection'), connect(port, '127.0.0.1')];
  socket.pause();
  socket.write(pipelined(1, 'GET /big'));
  const [ours] = (await accepted) as [Socket];
  await until(() => ours.writableLength > 0);
  await clock.advance(Milliseconds(30_000));
  await until(() => ours.destroyed && responses.isIdle);
  socket.destroy();
});

test('a client whose upgrade is refused is disconnected although it keeps its end open', async () => {
  const accepted = once(server, 'connection');
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write(`GET /other HTTP/1.1\r\n${local}\r\n${wsHeaders.join('\r\n')}\r\n\r\n`);
  const [ours] = (await accepted) as [Socket];
  socket.resume();
  await once(socket, 'end');
  await clock.advance(Milliseconds(1000));
  await until(() => ours.destroyed);
  socket.destroy();
});

const fetchLong = (encoding: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${String(port)}/long`, { headers: { 'accept-encoding': encoding } });

test.each(['gzip', 'br, GZIP;q=0.5, *'])('compresses a long text for %s', async (encoding) => {
  const response = await fetchLong(encoding);
  expect(response.headers.get('content-encoding')).toBe('gzip');
  expect(response.headers.get('vary')).toBe('accept, accept-encoding');
  expect(Number(response.headers.get('content-length'))).toBeLessThan(LONG.length / 10);
  expect(await response.text()).toBe(`${LONG}\n`);
});

test.each(['identity', 'gzip;q=0', 'deflate'])(
  'sends a long text as it is for %s',
  async (encoding) => {
    const response = await fetchLong(encoding);
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(response.headers.get('vary')).toBe('accept, accept-encoding');
    expect(await response.text()).toBe(`${LONG}\n`);
  },
);

test('leaves a page alone that has chosen its encoding itself', async () => {
  const response = await fetch(`http://127.0.0.1:${String(port)}/chosen`);
  expect(response.headers.get('content-encoding')).toBeNull();
  expect(response.headers.get('vary')).toBe('accept, accept-encoding');
});

test('sends a short text and what is no text as they are', async () => {
  for (const path of ['/healthz', '/bytes']) {
    const response = await fetch(`http://127.0.0.1:${String(port)}${path}`);
    expect(response.headers.get('content-encoding')).toBeNull();
  }
});
