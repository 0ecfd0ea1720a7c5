import { afterEach, expect, test } from '@jest/globals';
import { VdsmError } from '../../../src/common/errors.ts';
import { openApi, type TestApi, vmId } from './api.ts';

let api: TestApi;
afterEach(() => {
  api.close();
});

const acts = {
  'VM.shutdown': () => true,
  'VM.reset': () => true,
  'VM.destroy': () => true,
  'VM.cont': () => true,
};

const act = (name: string, body?: string, headers: Record<string, string> = {}) =>
  api.send('POST', `/ovirt-engine/api/vms/${vmId}/${name}`, {
    headers,
    ...(body === undefined ? {} : { body }),
  });

const xml = { 'content-type': 'application/xml' };

test.each([
  ['reboot', 'VM.shutdown', { reboot: true }],
  ['reset', 'VM.reset', {}],
  ['shutdown', 'VM.shutdown', {}],
  ['stop', 'VM.destroy', {}],
])('%s calls %s', async (name, method, params) => {
  api = await openApi(acts);
  const { status, text } = await act(name, '<action><async>false</async></action>', xml);
  expect(status).toBe(200);
  expect(text).toContain('<action>\n  <status>complete</status>');
  expect(api.params(method)).toEqual({ vmID: vmId, ...params });
});

test('start resumes a paused VM', async () => {
  api = await openApi({ ...acts, 'VM.getStats': () => [{ vmId, status: 'Paused' }] });
  expect((await act('start')).status).toBe(200);
  expect(api.params('VM.cont')).toEqual({ vmID: vmId });
});

test('start of any other VM fails and says how to start one', async () => {
  api = await openApi({ ...acts, 'VM.getStats': () => [{ vmId, status: 'Down' }] });
  const { status, text } = await act('start', '{}', { 'content-type': 'application/json' });
  expect(status).toBe(409);
  expect(JSON.parse(text)).toMatchObject({
    status: 'failed',
    fault: { reason: 'Conflict', detail: expect.stringContaining('start others with VM.create') },
  });
});

test("a verb's error is a fault in the action, as in oVirt", async () => {
  const fail = () => Promise.reject(new VdsmError('VMIsDown', 'the VM is Down'));
  api = await openApi({ ...acts, 'VM.shutdown': fail });
  const { status, text } = await act('shutdown', '<action/>', xml);
  expect(status).toBe(409);
  expect(text).toMatch(/<status>failed<\/status>\s*<fault>\s*<reason>Virtual machine is down</);
});

test.each([
  ['<vm/>', xml, 400, 'give a &lt;action&gt;'],
  ['<action>', xml, 400, 'In the body'],
  ['reason=x', { 'content-type': 'text/plain' }, 415, 'text/plain'],
])('a body of %s is refused and nothing is done', async (body, headers, code, detail) => {
  api = await openApi(acts);
  const { status, text } = await act('stop', body, headers);
  expect(status).toBe(code);
  expect(text).toContain(detail);
  expect(api.calls).toEqual([]);
});

test('a page of a foreign origin cannot act', async () => {
  api = await openApi(acts);
  expect((await act('stop', undefined, { origin: 'https://evil.example' })).status).toBe(403);
  expect(api.calls).toEqual([]);
});

test('an unknown action is no resource', async () => {
  api = await openApi(acts);
  expect((await act('migrate')).status).toBe(404);
  expect((await act('constructor')).status).toBe(404);
});
