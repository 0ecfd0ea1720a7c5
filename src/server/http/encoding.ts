import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Page } from './page.ts';

/** Shorter bodies take hardly less time to send if they are compressed. */
const LEAST_BYTES = 8 * 1024;
/** Slower levels make metrics and lists no smaller that is worth their time. */
const FASTEST = { level: 1 };

/**
 * Returns the page with its body compressed, outside the event loop, if it is a long text and the client accepts gzip. A
 * page that varies by the encoding has chosen one itself.
 */
export async function compressed(page: Page, { headers }: IncomingMessage): Promise<Page> {
  const varies = page.headers?.['vary'];
  if (!isLongText(page) || varies?.includes('accept-encoding')) return page;
  const vary = varies === undefined ? 'accept-encoding' : `${varies}, accept-encoding`;
  const varying = { ...page, headers: { ...page.headers, vary } };
  if (encodingFor(headers, ['gzip']) === undefined) return varying;
  const body = await promisify(gzip)(page.body, FASTEST);
  return { ...varying, body, headers: { ...varying.headers, 'content-encoding': 'gzip' } };
}

const isLongText = ({ type, body }: Page): boolean =>
  /^text\/|json|xml/.test(type) && Buffer.byteLength(body) >= LEAST_BYTES;

/** Returns the first of the encodings that a client accepts; one with a weight of 0 is refused. */
export function encodingFor<E extends string>(
  headers: IncomingHttpHeaders,
  encodings: readonly E[],
): E | undefined {
  const accepted = (headers['accept-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((each) => each.trim())
    .filter((each) => !/;\s*q=0(?:\.0*)?$/.test(each))
    .map((each) => each.replace(/\s*;.*/, ''));
  return encodings.find((encoding) => accepted.includes(encoding));
}
