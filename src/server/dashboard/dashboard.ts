import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { type Page, plain } from '../http/page.ts';
import { BuiltPage } from './site.ts';

/** Files whose names have the hash of their contents. */
const HASHED = 'assets/';
const FOREVER = 'public, max-age=31536000, immutable';

/** The page that shows the host in a browser, and the files that it is made of. */
export class Dashboard {
  readonly #built: BuiltPage;

  /** `folder`: where the build has put the page. */
  constructor(folder: string) {
    this.#built = new BuiltPage(folder);
  }

  /** Returns undefined if the request is for something else, as `/` is of a client that is no browser. */
  handle(request: IncomingMessage): Promise<Page | undefined> | undefined {
    const { method = '', url = '' } = request;
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    const path = url.split('?', 1)[0] ?? '';
    return path === '/' ? this.#page(request) : this.#file(path.slice(1), request);
  }

  async #page(request: IncomingMessage): Promise<Page | undefined> {
    if (!/\btext\/html\b/i.test(request.headers.accept ?? '')) return undefined;
    const site = await this.#built.newest();
    const page = await site?.get('index.html')?.respond(request);
    if (!page) return notBuilt;
    return withHeaders(page, {
      ...protection(request),
      'cache-control': 'no-cache',
      vary: 'accept, accept-encoding',
    });
  }

  async #file(name: string, request: IncomingMessage): Promise<Page | undefined> {
    const site = await this.#built.site();
    const page = await site?.get(name)?.respond(request);
    if (!page) return name.startsWith(HASHED) ? noAsset : undefined;
    const isHashed = name.startsWith(HASHED);
    const caching = { 'cache-control': isHashed ? FOREVER : 'no-cache' };
    return withHeaders(page, { ...caching, ...protection(request) });
  }
}

const notBuilt = plain(
  404,
  'The page is not built: run npm run build in the checkout of vmemd, or npm start, and load it again.',
);

const noAsset = plain(404, 'This file is not of the present version of the page; load / again.');

const withHeaders = (page: Page, headers: Readonly<Record<string, string>>): Page => ({
  ...page,
  headers: { ...page.headers, ...headers },
});

/** Headers by which a browser runs only the page's own files, shows it in no frame, and sends its address to no other site. */
const protection = (request: IncomingMessage): Readonly<Record<string, string>> => ({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self'${socketSource(request)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
});

/** The page's WebSocket: not every browser counts it as 'self'. */
function socketSource({ headers: { host = '' }, socket }: IncomingMessage): string {
  if (!/^[\w.:[\]-]+$/.test(host)) return '';
  return ` ${socket instanceof TLSSocket ? 'wss' : 'ws'}://${host}`;
}
