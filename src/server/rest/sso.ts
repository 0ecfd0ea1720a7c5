import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Page } from '../http/page.ts';
import { discard, readBody } from './body.ts';
import { Fault } from './fault.ts';

/**
 * oVirt's single sign-on, which its SDKs use before any other request. The rules of the port decide who may connect, so
 * names and passwords are neither checked nor kept, and a token grants nothing.
 */

type Answer = (form: URLSearchParams) => object;

const PATHS: Readonly<Record<string, Answer>> = {
  '/ovirt-engine/sso/oauth/token': token,
  // Kerberos
  '/ovirt-engine/sso/oauth/token-http-auth': token,
  '/ovirt-engine/sso/oauth/revoke': () => ({}),
  '/ovirt-engine/services/sso-logout': () => ({}),
};

const GRANTS = ['password', 'urn:ovirt:params:oauth:grant-type:http'];

/** Returns what answers at the path of a URL; undefined if it is none of single sign-on. */
export function ssoAt(url: string): Answer | undefined {
  const [path = ''] = url.split('?', 1);
  if (Object.hasOwn(PATHS, path)) return PATHS[path];
  return path.startsWith('/ovirt-engine/sso/') ? notServed : undefined;
}

function notServed(): never {
  const paths = Object.keys(PATHS).join(', ');
  throw new Fault(404, `This is not served of single sign-on; served are ${paths}.`);
}

/** Responds to a request of single sign-on, always in JSON, as SDKs expect. */
export async function signOn(answer: Answer, request: IncomingMessage): Promise<Page> {
  try {
    if (request.method !== 'POST') {
      throw new Fault(405, 'Use POST here.', { headers: { allow: 'POST' } });
    }
    return page(200, answer(new URLSearchParams(await readBody(request))));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    await discard(request);
    const { status, message, headers, reason } = error;
    const code = status === 400 ? reason : 'invalid_request';
    return page(status, { error_code: code, error: message }, headers);
  }
}

function token(form: URLSearchParams) {
  const grant = form.get('grant_type');
  if (grant === null || !GRANTS.includes(grant)) {
    const reason = grant === null ? 'invalid_request' : 'unsupported_grant_type';
    throw new Fault(400, `The grant_type must be ${GRANTS.join(' or ')}.`, { reason });
  }
  return {
    access_token: randomBytes(32).toString('base64url'),
    scope: form.get('scope') ?? 'ovirt-app-api',
    // milliseconds since 1970, as text; oVirt's value for a token without an end
    exp: '9223372036854775807',
    token_type: 'bearer',
  };
}

const page = (status: number, body: object, headers: Page['headers'] = {}): Page => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(body),
  headers: { 'cache-control': 'no-store', ...headers },
});
