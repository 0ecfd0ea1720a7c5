import type { IncomingMessage } from 'node:http';
import type { OriginPolicy } from './originPolicy.ts';
import { type Page, plain } from './page.ts';

/**
 * Gives a request with a whole URL as its target, as sent by clients with a proxy, the path as its URL and that URL's
 * host as its Host, which RFC 9112 (3.2.2) lets win over the header.
 */
export function toOriginForm(request: IncomingMessage): void {
  const [, host, path = ''] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(request.url ?? '') ?? [];
  if (host === undefined) return;
  request.headers.host = host;
  request.url = path.startsWith('/') ? path : `/${path}`;
}

/** Returns the refusal of a request whose Host does not name this server; undefined if it does. */
export function refuseHost(
  { headers, headersDistinct }: IncomingMessage,
  originPolicy: OriginPolicy,
): Page | undefined {
  if ((headersDistinct['host']?.length ?? 0) > 1) {
    return plain(400, 'This request has several Host headers; send one.');
  }
  if (headers.host === undefined) {
    return plain(400, 'This request has no Host header; send one, as Host: localhost.');
  }
  return originPolicy.allowsHost(headers.host) ? undefined : wrongHost;
}

const wrongHost = plain(
  403,
  'This Host is not allowed: use localhost, an address or a name in the certificate, or add it to [rpc] allowed_hosts.',
);
