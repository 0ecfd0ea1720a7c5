import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => {
  api.close();
});

const TOKEN = '/ovirt-engine/sso/oauth/token';
const form = { 'content-type': 'application/x-www-form-urlencoded' };

const post = async (path: string, body: string, headers: Record<string, string> = form) => {
  const { status, text, headers: got } = await api.send('POST', path, { headers, body });
  return { status, type: got['content-type'], answer: JSON.parse(text) as Record<string, string> };
};

test('a name and any password get a token in the form that SDKs read', async () => {
  const body =
    'grant_type=password&scope=ovirt-app-api&username=admin%40internal&password=s3cret%26';
  const { status, type, answer } = await post(TOKEN, body);
  expect(status).toBe(200);
  expect(type).toBe('application/json; charset=utf-8');
  expect(answer).toEqual({
    access_token: expect.stringMatching(/^[\w-]{43}$/),
    scope: 'ovirt-app-api',
    exp: expect.stringMatching(/^\d+$/),
    token_type: 'bearer',
  });
  const { answer: other } = await post(TOKEN, body);
  expect(other['access_token']).not.toBe(answer['access_token']);
  expect(JSON.stringify(api.lines)).not.toContain('s3cret');
});

test('clients with Kerberos get a token too', async () => {
  const body = 'grant_type=urn%3Aovirt%3Aparams%3Aoauth%3Agrant-type%3Ahttp&scope=ovirt-app-api';
  const { status, answer } = await post(`${TOKEN}-http-auth`, body);
  expect(status).toBe(200);
  expect(answer).toHaveProperty('access_token');
});

test.each(['/ovirt-engine/services/sso-logout', '/ovirt-engine/sso/oauth/revoke'])(
  '%s ends a session with an empty object, also for an empty token',
  async (path) => {
    for (const body of ['scope=ovirt-app-api&token=x', 'scope=&token=', '']) {
      expect(await post(path, body)).toMatchObject({ status: 200, answer: {} });
    }
  },
);

test.each([
  ['grant_type=magic&password=s3cret', 'unsupported_grant_type'],
  ['username=a&password=s3cret', 'invalid_request'],
  ['', 'invalid_request'],
])('%j is refused with an error in the form that SDKs read', async (body, code) => {
  const { status, answer } = await post(TOKEN, body);
  expect(status).toBe(400);
  expect(answer).toEqual({ error_code: code, error: expect.stringContaining('grant_type') });
  expect(JSON.stringify(answer)).not.toContain('s3cret');
});

test('other methods than POST are refused, so that no password is put into a URL', async () => {
  const { status, headers, text } = await api.get(`${TOKEN}?grant_type=password&password=p`);
  expect(status).toBe(405);
  expect(headers.allow).toBe('POST');
  expect(JSON.parse(text)).toMatchObject({ error: 'Use POST here.' });
});

test('a body is limited as for any other resource', async () => {
  expect(await post(TOKEN, 'x'.repeat(65_537))).toMatchObject({ status: 413 });
});

test('a foreign Host is refused here too', async () => {
  const headers = { ...form, host: 'rebound.example' };
  const { status } = await api.send('POST', TOKEN, { headers, body: 'grant_type=password' });
  expect(status).toBe(403);
});

test('what is not served of single sign-on is not found, in the form that SDKs read', async () => {
  const { status, answer } = await post('/ovirt-engine/sso/oauth/token-info', 'token=t');
  expect(status).toBe(404);
  expect(answer).toMatchObject({ error: expect.stringContaining(TOKEN) as unknown });
});
