import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PrometheusHistory } from '../../src/overview/history/prometheus.ts';

const NOW = 1_780_000_000_000;
let server: Server;
let queries: URLSearchParams[];
let answer: (query: URLSearchParams, response: ServerResponse) => void;

beforeEach(async () => {
  queries = [];
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    queries.push(url.searchParams);
    answer(url.searchParams, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const history = (selector = '') => {
  const { port } = server.address() as AddressInfo;
  return new PrometheusHistory({ url: `http://127.0.0.1:${String(port)}/`, selector });
};

/** Answers with a value of 2 MiB at the first and the last step. */
const ends = (query: URLSearchParams, response: ServerResponse): void => {
  const values = ['start', 'end'].map((name) => [Number(query.get(name)), '2097152']);
  const result = query.get('query')?.includes('used_bytes') === true ? [{ values }] : [];
  response.end(JSON.stringify({ status: 'success', data: { result } }));
};

test('values stand at their steps in KiB, and what Prometheus does not have is a gap', async () => {
  answer = ends;
  const { source, start, step_s, series } = await history().ofVm('web', 86_400, NOW);
  expect({ source, step_s }).toEqual({ source: 'prometheus', step_s: 173 });
  expect(series.used_kib).toHaveLength(500);
  expect(series.used_kib.at(0)).toBe(2048);
  expect(series.used_kib.at(-1)).toBe(2048);
  expect(series.used_kib.slice(1, -1).every((value) => value === null)).toBe(true);
  expect(series.target_kib.every((value) => value === null)).toBe(true);
  const last = Date.parse(start) + 499 * step_s * 1000;
  expect(NOW - last).toBeLessThan(step_s * 1000);
});

test('a VM is selected by its name, which cannot change the query, and its host as configured', async () => {
  answer = ends;
  await history('instance="kvm1:54321"').ofVm('a"} or vector(1) #', 7200, NOW);
  expect(queries[0]?.get('query')).toBe(
    'max(vmemd_vm_used_bytes{domain="a\\"} or vector(1) #",instance="kvm1:54321"})',
  );
});

test.each([
  [
    'refuses the query',
    (response: ServerResponse) =>
      response.writeHead(400).end('{"status":"error","error":"bad selector"}'),
    'bad selector',
  ],
  ['is another server', (response: ServerResponse) => response.end('<html>'), 'without JSON'],
  ['leads elsewhere', (r: ServerResponse) => r.writeHead(302, { location: '/x' }).end(), ''],
  ['sends too much', (r: ServerResponse) => r.end('x'.repeat(1_100_000)), 'too long'],
  ['hangs up', (r: ServerResponse) => r.destroy(), ''],
])('a Prometheus that %s leads to an error that names it', async (_, respond, reason) => {
  answer = (_query, response) => void respond(response);
  const asked = history().ofHost(86_400, NOW);
  await expect(asked).rejects.toMatchObject({
    name: 'UnexpectedError',
    message: expect.stringMatching(new RegExp(`Prometheus at .*${reason}.*prometheus_url`)),
  });
});

test('every metric that is asked for is one that vmemd has', async () => {
  answer = ends;
  await history().ofHost(86_400, NOW);
  await history().ofVm('web', 86_400, NOW);
  const page = readFileSync(new URL('../../fixtures/metrics/page.txt', import.meta.url), 'utf8');
  const asked = queries.flatMap((query) => query.get('query')?.match(/\w+(?=\{)/g) ?? []);
  expect(asked.length).toBeGreaterThanOrEqual(14);
  expect(asked.filter((name) => !page.includes(`# TYPE ${name} `))).toEqual([]);
});
