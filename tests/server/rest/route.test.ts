import { expect, test } from '@jest/globals';
import { targetOf } from '../../../src/server/rest/route.ts';
import { openApi } from './api.ts';

test.each([
  ['/api', '/api', []],
  ['/api/', '/api', []],
  ['/api;x=1', '/api', []],
  ['/api/vms/', '/api', ['vms']],
  ['/api/v4', '/api/v4', []],
  ['/api/v4/vms', '/api/v4', ['vms']],
  ['/api/v40', '/api', ['v40']],
  ['/ovirt-engine/api/v4/vms/1', '/ovirt-engine/api/v4', ['vms', '1']],
  ['/ovirt-engine/api/vms/1?x=/y', '/ovirt-engine/api', ['vms', '1']],
  ['/api//vms', '/api', ['', 'vms']],
])('%s is below %s', (url, base, segments) => {
  expect(targetOf(url)).toMatchObject({ base, segments });
});

test.each([
  '/',
  '/apis',
  '/ovirt-engine',
  '/healthz',
  '*',
  '',
  '/metrics/api',
  '/ovirt-engine/apix',
])('"%s" is none of the API', (url) => {
  expect(targetOf(url)).toBeUndefined();
});

test('parameters are read after ; and ?', () => {
  const query = targetOf('/api/vms;max=5;async/1;a=%20b?c=d')?.query;
  expect([...(query ?? [])]).toEqual([
    ['max', '5'],
    ['async', ''],
    ['a', ' b'],
    ['c', 'd'],
  ]);
});

test('the entry point has the product, a link to VMs and one to their search', async () => {
  const api = await openApi();
  const { text } = await api.get('/ovirt-engine/api', { accept: 'application/json' });
  expect(JSON.parse(text)).toEqual({
    product_info: {
      name: 'vmemd',
      version: { major: 1, minor: 2, build: 3, full_version: '1.2.3' },
    },
    link: [
      { rel: 'vms', href: '/ovirt-engine/api/vms' },
      { rel: 'vms/search', href: '/ovirt-engine/api/vms?search={query}' },
    ],
    time: expect.any(Number),
  });
  api.close();
});

test('a path outside the API is not a resource', async () => {
  const api = await openApi();
  const { status, text } = await api.get('/apis');
  expect(status).toBe(404);
  expect(text).toContain('the pages are /, /api.');
  api.close();
});
