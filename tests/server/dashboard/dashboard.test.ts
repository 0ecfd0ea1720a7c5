import { symlinkSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from '@jest/globals';
import type { Server } from '../../../src/server/server.ts';
import { builtPage, SCRIPT } from '../../support/builtPage.ts';
import { openTestServer } from '../../support/openServer.ts';

let server: Server;
afterEach(() => server.close());

const open = async (folder: string | undefined = builtPage()): Promise<string | undefined> => {
  server = await openTestServer({ dashboard: { folder, actions: false } });
  return folder;
};

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Requests a path as it is given, which fetch() would tidy up. */
const get = (path: string, headers: object = {}, method = 'GET'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { port } = server.endpoints[0] ?? {};
    const options = { host: '127.0.0.1', port, path, method, agent: false };
    request({ ...options, headers: { ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode: status, headers: received } = response;
        resolve({ status, headers: received, body: Buffer.concat(chunks) });
      });
    })
      .on('error', reject)
      .end();
  });

const browser = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' };

test('a browser gets the page at /, and other clients the help', async () => {
  await open();
  const page = await get('/', browser);
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.body.toString()).toContain('the page');
  expect(page.headers.vary).toContain('accept');
  expect((await get('/')).body.toString()).toContain('This is vmemd.');
  expect((await get('/', { accept: '*/*' })).body.toString()).toContain('This is vmemd.');
});

test('the page allows its own files only, no frame around it, and names itself to nobody', async () => {
  await open();
  const { headers } = await get('/', browser);
  const policy = headers['content-security-policy'] ?? '';
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("base-uri 'none'; form-action 'none'");
  expect(policy).not.toMatch(/unsafe|\*/);
  expect(headers).toMatchObject({
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-cache',
  });
});

test("the page's own WebSocket is allowed, at the address that the browser has it from", async () => {
  await open();
  const { headers } = await get('/', { ...browser, host: 'localhost:54321' });
  expect(headers['content-security-policy']).toContain("connect-src 'self' ws://localhost:54321;");
});

test.each([
  ['br', 'br', brotliDecompressSync],
  ['gzip, deflate', 'gzip', gunzipSync],
  ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
  ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
] as const)('to a client that accepts %s a script goes as %s', async (accepted, name, decode) => {
  await open();
  const { headers, body } = await get('/assets/main-abc.js', { 'accept-encoding': accepted });
  expect(headers['content-encoding']).toBe(name);
  expect(headers['content-length']).toBe(String(body.length));
  expect(headers.vary).toBe('accept-encoding');
  expect(decode(body).toString()).toBe(SCRIPT);
});

test('hashed files are kept for ever, and known ones are not sent again', async () => {
  await open();
  const { headers, body } = await get('/assets/main-abc.js');
  expect(body.toString()).toBe(SCRIPT);
  expect(headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
  });
  const again = await get('/assets/main-abc.js', { 'if-none-match': headers.etag });
  expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, headers.etag]);
  const other = await get('/assets/main-abc.js', { 'if-none-match': '"other", W/"more"' });
  expect(other.status).toBe(200);
});

test('the encodings of a file have tags of their own', async () => {
  await open();
  const tags = await Promise.all(
    ['', 'br', 'gzip'].map(async (name) => {
      const { headers } = await get('/icon.svg', { 'accept-encoding': name });
      return headers.etag;
    }),
  );
  expect(new Set(tags).size).toBe(3);
});

test('HEAD has the headers of GET and no body', async () => {
  await open();
  const { status, headers, body } = await get('/assets/main-abc.js', {}, 'HEAD');
  expect([status, body.length]).toEqual([200, 0]);
  expect(headers['content-length']).toBe(String(SCRIPT.length));
});

test.each([
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/assets/%2e%2e/%2e%2e/secret.txt',
  '/..\\secret.txt',
  '//secret.txt',
  '/./index.html',
  '/assets',
  '/assets/',
  '/assets/link.txt',
  '/link/secret.txt',
  '/__proto__',
  '/constructor',
  '/index.html%00.js',
])('%s leads to no file', async (path) => {
  const folder = builtPage();
  symlinkSync(join(folder, '..', 'secret.txt'), join(folder, 'assets', 'link.txt'));
  symlinkSync(join(folder, '..'), join(folder, 'link'));
  await open(folder);
  const { status, body } = await get(path, browser);
  expect(status).toBe(404);
  expect(body.toString()).not.toContain('secret\n');
  expect(body.toString()).not.toBe('secret');
});

test('a page that is not built is told how to build it', async () => {
  await open('/nonexistent');
  const { status, body } = await get('/', browser);
  expect([status, body.toString()]).toEqual([404, expect.stringContaining('npm run build')]);
});

test('a page that is built anew is served without a restart', async () => {
  const folder = (await open()) ?? '';
  await get('/', browser);
  writeFileSync(join(folder, 'index.html'), 'another page');
  utimesSync(join(folder, 'index.html'), 1, 1);
  expect((await get('/', browser)).body.toString()).toBe('another page');
  rmSync(folder, { recursive: true });
  expect((await get('/', browser)).status).toBe(404);
});

test('without the page a browser gets the help', async () => {
  server = await openTestServer();
  expect((await get('/', browser)).body.toString()).toContain('This is vmemd.');
});

test.each(['/', '/assets/main-abc.js', '/icon.svg'])(
  '%s is refused for a foreign name that leads here, as DNS rebinding makes one',
  async (path) => {
    await open();
    const { status, body } = await get(path, { ...browser, host: 'evil.example' });
    expect([status, body.toString()]).toEqual([403, expect.stringContaining('allowed_hosts')]);
  },
);
