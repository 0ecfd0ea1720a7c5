import { afterEach, expect, test } from '@jest/globals';
import { openApi, SEED, type TestApi, vmId } from './api.ts';

let api: TestApi;

afterEach(() => {
  api.close();
});

const audits = () => api.lines.filter(({ event }) => event === 'audit');
const path = `/api/vms/${vmId}`;
const xml = { 'content-type': 'application/xml' };

test.each([
  ['PUT', path, '<vm><memory>x</memory></vm>', 400, 'memory is "x"'],
  ['PUT', path, '<vm><memory>', 400, 'not well-formed'],
  ['PUT', path, '<vm><name>other</name><memory>1468006400</memory></vm>', 400, 'name is '],
  ['PUT', `${path}?nonsense=1`, SEED, 400, 'nonsense'],
  ['POST', `${path}/start`, '<action/>', 409, 'only a paused VM can be started'],
  ['POST', `${path}/suspend`, '<action/>', 404, 'only VMs with their memory'],
  ['DELETE', path, '', 405, 'Use GET, HEAD, PUT here'],
])('%s %s with the body %s, refused before a verb, has a line', async (...of) => {
  const [method, url, body, status, reason] = of;
  api = await openApi();
  const headers = { ...xml, 'correlation-id': 'flow-1' };
  expect((await api.send(method, url, { headers, body })).status).toBe(status);
  expect(audits()).toMatchObject([
    {
      level: 40,
      request: `${method} ${url}`,
      vmId,
      address: '127.0.0.1',
      transport: 'rest',
      flow_id: 'flow-1',
      status,
      reason: expect.stringContaining(reason) as unknown,
      msg: `${method} over REST: not done`,
    },
  ]);
});

test('a change of a VM that does not exist has a line', async () => {
  api = await openApi();
  const other = '00000000-0000-4000-8000-00000000000f';
  expect((await api.put(`/api/vms/${other}`, SEED)).status).toBe(404);
  expect(audits()).toMatchObject([{ vmId: other, status: 404 }]);
});

test('reads that are refused, and changes that are done, have no such line', async () => {
  api = await openApi();
  expect((await api.get('/api/vms/x')).status).toBe(404);
  const body = '<vm><memory_policy><guaranteed>943718400</guaranteed></memory_policy></vm>';
  expect((await api.put(path, body)).status).toBe(200);
  expect(audits()).toEqual([]);
});
