import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { encodingFor } from '../http/encoding.ts';
import type { Page } from '../http/page.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
const ENCODERS = {
  br: (bytes: Buffer) => promisify(brotliCompress)(bytes, QUALITY),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes, { level: 9 }),
};
type Encoding = keyof typeof ENCODERS;
/** The better one first. */
const ENCODINGS = ['br', 'gzip'] as const satisfies readonly Encoding[];

/** A file of the page in memory, with the encodings that clients have asked for, each made once. */
export class Asset {
  readonly #bytes: Buffer;
  readonly #type: string;
  readonly #hash: string;
  readonly #encoded = new Map<Encoding, Promise<Buffer>>();

  constructor(name: string, bytes: Buffer) {
    this.#bytes = bytes;
    this.#type = TYPES[extname(name)] ?? 'application/octet-stream';
    this.#hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  }

  /** Returns the file in the best encoding that the client accepts, or 304 if the client has it. */
  async respond({ headers }: IncomingMessage): Promise<Page> {
    const encoding = this.#isText ? encodingFor(headers, ENCODINGS) : undefined;
    const etag = `"${this.#hash}${encoding === undefined ? '' : `-${encoding}`}"`;
    const common = { etag, ...(this.#isText && { vary: 'accept-encoding' }) };
    if (has(headers['if-none-match'], etag)) {
      return { status: 304, type: this.#type, body: '', headers: common };
    }
    const body = encoding === undefined ? this.#bytes : await this.#encode(encoding);
    const named = encoding === undefined ? {} : { 'content-encoding': encoding };
    return { status: 200, type: this.#type, body, headers: { ...common, ...named } };
  }

  get #isText(): boolean {
    return /^text\/|json|svg/.test(this.#type);
  }

  #encode(encoding: Encoding): Promise<Buffer> {
    const known = this.#encoded.get(encoding) ?? ENCODERS[encoding](this.#bytes);
    this.#encoded.set(encoding, known);
    return known;
  }
}

const has = (tags: string | undefined, etag: string): boolean =>
  tags?.split(',').some((tag) => [etag, '*'].includes(tag.trim().replace(/^W\//, ''))) ?? false;
