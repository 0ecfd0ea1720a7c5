import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { VdsmError } from '../../../src/common/errors.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { deferred } from '../../support/server.ts';
import { openApi, SEED, setMemoryAnswer, type TestApi, vmId } from './api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await openApi({ 'VM.setMemory': () => setMemoryAnswer() });
});
afterEach(() => {
  api.close();
});

const json = { accept: 'application/json' };

test('a response is XML unless JSON is accepted, and is not cached', async () => {
  const xml = await api.get('/api/vms');
  expect(xml.headers).toMatchObject({
    'content-type': 'application/xml; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    vary: 'Accept, Content-Type',
  });
  expect(xml.text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<vms>\n/);
  const other = await api.get('/api/vms', json);
  expect(other.headers['content-type']).toBe('application/json; charset=utf-8');
});

test('a PUT of JSON without Accept gets JSON', async () => {
  const { headers } = await api.put(`/api/vms/${vmId}`, '{"memory": 1468006400}', {
    'content-type': 'application/json; charset=UTF-8',
  });
  expect(headers['content-type']).toContain('application/json');
});

test("oVirt's path is served too, and hrefs stay below it", async () => {
  const { text } = await api.get('/ovirt-engine/api/vms/');
  expect(text).toContain(`href="/ovirt-engine/api/vms/${vmId}"`);
  expect(text).not.toContain('"/api/');
});

test('HEAD gets the headers of GET without the body', async () => {
  const [head, get] = [await api.send('HEAD', '/api/vms'), await api.get('/api/vms')];
  expect(head.text).toBe('');
  expect(head.headers['content-length']).toBe(get.headers['content-length']);
});

test.each([
  ['GET', '/api/nothing', 404, 'begin at /api/vms'],
  ['GET', '/api/vms/x', 404, 'not a UUID'],
  ['GET', '/api/vms//', 404, 'not a UUID'],
  ['GET', `/api/vms/${vmId}/jobs/%zz`, 404, 'begin at'],
  ['GET', `/api/vms/${vmId}/reporteddevices/dimm0`, 404, 'begin at'],
  ['GET', `/api/vms/${vmId}/jobs/1/2`, 404, 'begin at'],
  ['GET', '/api/vms/00000000-0000-4000-8000-0000000000ff', 404, 'no VM has the id'],
])('%s %s gets a fault of %i', async (method, path, status, detail) => {
  const reply = await api.send(method, path);
  expect(reply.status).toBe(status);
  expect(reply.text).toMatch(/<fault>\s*<reason>[^<]+<\/reason>\s*<detail>[^<]+<\/detail>/);
  expect(reply.text).toContain(detail);
  const { text } = await api.send(method, path, { headers: json });
  expect(Object.keys(JSON.parse(text) as object)).toEqual(['reason', 'detail']);
});

test.each([
  '/api',
  '/api/vms',
  `/api/vms/${vmId}`,
  `/api/vms/${vmId}/reporteddevices`,
  `/api/vms/${vmId}/jobs`,
  `/api/vms/${vmId}/jobs/j%2F1`,
  `/api/vms/${vmId}/statistics`,
  `/api/vms/${vmId}/statistics/memory.installed`,
])('%s accepts parameters without effect and refuses unknown ones', async (path) => {
  const { status } = await api.get(`${path}?follow=nics&all_content=true&correlation_id=c`);
  expect(status).toBe(200);
  const { status: refused, text } = await api.get(`${path}?next_rum=true`);
  expect(refused).toBe(400);
  expect(text).toContain('The parameter "next_rum" is not known here; known are ');
});

test.each([
  ['POST', '/api/vms', 'GET, HEAD'],
  ['PUT', '/api/vms', 'GET, HEAD'],
  ['OPTIONS', '/api', 'GET, HEAD'],
  ['DELETE', `/api/vms/${vmId}`, 'GET, HEAD, PUT'],
  ['GET', `/api/vms/${vmId}/shutdown`, 'POST'],
])('%s %s gets 405 with the allowed methods', async (method, path, allow) => {
  const { status, headers } = await api.send(method, path);
  expect(status).toBe(405);
  expect(headers.allow).toBe(allow);
});

test('an Accept of neither XML nor JSON gets 406 and calls no verb', async () => {
  const { status, text } = await api.put(`/api/vms/${vmId}`, SEED, { accept: 'text/html' });
  expect(status).toBe(406);
  expect(text).toContain('<reason>Not Acceptable</reason>');
  expect(api.calls).toEqual([]);
});

test.each([
  [{ 'content-type': 'text/plain' }, 'text/plain'],
  [{ 'content-type': 'application/x-www-form-urlencoded' }, 'application/x-www-form-urlencoded'],
  [{ 'content-type': 'application/xml; charset=utf-16' }, 'application/xml; charset=utf-16'],
  [{}, 'of no Content-Type'],
] as [Record<string, string>, string][])('a body of %j gets 415', async (headers, is) => {
  const { status, text } = await api.send('PUT', `/api/vms/${vmId}`, { headers, body: SEED });
  expect(status).toBe(415);
  expect(text).toContain(`The body is ${is}; give application/xml`);
  expect(api.calls).toEqual([]);
});

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['identity', (text: string) => Buffer.from(text)],
])('a body may have the Content-Encoding %s', async (encoding, compress) => {
  const headers = { 'content-encoding': encoding };
  const { status } = await api.put(`/api/vms/${vmId}`, compress(SEED), headers);
  expect(status).toBe(200);
  expect(api.params('VM.setMemory')).toMatchObject({ memory: 1400 });
});

test.each([
  ['br', SEED, 415, 'compress it with gzip or deflate, or not'],
  ['constructor', SEED, 415, 'compress it'],
  ['gzip', SEED, 400, 'not compressed as its Content-Encoding says'],
  ['gzip', gzipSync(SEED).subarray(0, 30), 400, 'not compressed as'],
  ['gzip', gzipSync(SEED.padEnd(65_537)), 413, 'A body may have 64 KiB'],
] as const)(
  'a body of Content-Encoding %s is refused: %#',
  async (encoding, body, code, detail) => {
    const headers = { 'content-encoding': encoding };
    const { status, text } = await api.put(`/api/vms/${vmId}`, body, headers);
    expect(status).toBe(code);
    expect(text).toContain(detail);
    expect(api.calls).toEqual([]);
  },
);

test.each(['3', '5', '', 'x'])("version %j of oVirt's API is refused", async (version) => {
  const { status, text } = await api.get('/api', { version });
  expect(status).toBe(400);
  expect(text).toContain('request version 4');
});

test('version 4 and credentials of any kind are accepted', async () => {
  for (const authorization of ['Bearer x', 'Basic YTpi', 'Negotiate x']) {
    const headers = { version: '4', authorization, 'session-ttl': '360', filter: 'true' };
    expect((await api.get('/api', headers)).status).toBe(200);
  }
});

test('a page of a foreign origin cannot PUT; an allowed one can', async () => {
  const refused = await api.put(`/api/vms/${vmId}`, SEED, { origin: 'https://evil.example' });
  expect(refused.status).toBe(403);
  expect(refused.text).toContain('[rpc] allowed_origins');
  expect(api.calls).toEqual([]);
  const allowed = await api.put(`/api/vms/${vmId}`, SEED, { origin: 'https://console.example' });
  expect(allowed.status).toBe(200);
});

test('a foreign Host is refused before anything else', async () => {
  const { status } = await api.put(`/api/vms/${vmId}`, SEED, { host: 'evil.example' });
  expect(status).toBe(403);
  expect(api.calls).toEqual([]);
});

test.each([
  ['?correlation_id=abc', {}, 'abc'],
  ['', { 'correlation-id': 'def' }, 'def'],
  ['?correlation_id=abc', { 'correlation-id': 'def' }, 'abc'],
] as [string, Record<string, string>, string][])(
  'a request %s with %j has that flow id in the logs',
  async (query, headers, flowId) => {
    await api.put(`/api/vms/${vmId}${query}`, SEED, headers);
    expect(api.calls.every((call) => call.flowId === flowId)).toBe(true);
    expect(api.lines).toContainEqual(
      expect.objectContaining({ method: 'VM.setMemory', flow_id: flowId, event: 'finish' }),
    );
  },
);

test('a connection is reused after every request, even a refused one with a body', async () => {
  const put = `PUT /api/vms/${vmId} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello`;
  const last = 'GET /api/vms HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const answers = await api.exchange(put + put + last);
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual([
    'HTTP/1.1 415',
    'HTTP/1.1 415',
    'HTTP/1.1 200',
  ]);
});

test('the limit of running requests of a connection applies to REST', async () => {
  const originPolicy = deferred<undefined>();
  const busy = await openApi(
    { 'Host.getAllVmStats': () => originPolicy.promise },
    { maxOutstanding: 1 },
  );
  const get = 'GET /api/vms HTTP/1.1\r\nHost: localhost\r\n';
  const answers = busy.exchange(`${get}\r\n${get}Connection: close\r\n\r\n`);
  while (!busy.lines.some(({ event, code }) => event === 'finish' && code === 1100)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  originPolicy.resolve(undefined);
  expect(await answers).toMatch(/HTTP\/1\.1 429 [^]*retry-after: 1/);
  busy.close();
});

test('until the VMs are read, a client gets 503 with the reason and Retry-After', async () => {
  const early = await openApi({}, { obstacle: () => 'libvirt is out of reach: no socket' });
  const { status, headers, text } = await early.get('/api/vms');
  expect([status, headers['retry-after']]).toEqual([503, '5']);
  expect(text).toContain('<detail>libvirt is out of reach: no socket</detail>');
  early.close();
});

test('an unexpected error names only the log to the client', async () => {
  const broken = await openApi({
    'Host.getAllVmStats': () => {
      throw new Error('secret');
    },
  });
  const { status, text } = await broken.get('/api/vms', { 'correlation-id': 'f1' });
  expect(status).toBe(500);
  expect(text).toContain('under flow_id f1');
  expect(text).not.toContain('secret');
  broken.close();
});

test("a verb's error is a fault with separate reason and detail", async () => {
  const refusing = await openApi({
    'VM.setMemory': () => {
      throw new VdsmError('HotunplugMemFailed', 'no device fits');
    },
  });
  const { status, text } = await refusing.put(`/api/vms/${vmId}`, SEED, json);
  expect(status).toBe(409);
  expect(JSON.parse(text)).toEqual({
    reason: 'Failed to hotunplug memory',
    detail: 'no device fits',
  });
  refusing.close();
});

test('closing waits for running requests until its deadline and refuses further ones', async () => {
  const originPolicy = deferred<object>();
  const slow = await openApi({ 'VM.setMemory': () => originPolicy.promise });
  const running = slow.put(`/api/vms/${vmId}`, SEED);
  while (!slow.params('VM.setMemory')) await new Promise((resolve) => setImmediate(resolve));
  let closed = false;
  const closing = slow.rest.close(Milliseconds(5000)).then(() => (closed = true));
  expect((await slow.get('/api/vms')).status).toBe(503);
  expect(closed).toBe(false);
  originPolicy.resolve(setMemoryAnswer());
  expect((await running).status).toBe(200);
  await closing;

  const stuck = await openApi({ 'Host.getAllVmStats': () => new Promise(() => undefined) });
  stuck.get('/api/vms').catch(() => undefined);
  while (stuck.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const given = stuck.rest.close(Milliseconds(5000));
  await stuck.clock.advance(Milliseconds(5000));
  await given;
  slow.close();
  stuck.close();
});

test('closing without running requests ends at once', async () => {
  await api.rest.close(Milliseconds(5000));
  expect((await api.get('/api')).headers['retry-after']).toBe('5');
});
