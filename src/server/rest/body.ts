import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { VdsmError } from '../../common/errors.ts';
import { childrenNamed, type Element, elementsOf, textOf } from '../../domain-xml/element.ts';
import { readGivenXml } from '../../domain-xml/given.ts';
import { DomainXmlError } from '../../domain-xml/types.ts';
import { readMessage } from '../../jsonrpc/readMessage.ts';
import { Fault } from './fault.ts';
import { isReadable } from './negotiate.ts';
import type { Format } from './representation.ts';
import { isAttribute } from './xmlText.ts';

const MAX_BODY = 64 * 1024;
/** Most bytes of a body that is received only to be discarded; beyond that its connection is closed. */
const MAX_DISCARDED = 1024 * 1024;

/**
 * Reads a request's body as text; throws a {@link Fault} if it exceeds 64 KiB, also after decompression, is not UTF-8,
 * or is incomplete.
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  if (isHuge(request)) throw tooLong;
  const decompress = decompressorOf(request);
  const sent = await readAll(request);
  const bytes = decompress ? await decompress(sent).catch(notDecompressed) : sent;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Fault(400, 'The body is not UTF-8; encode it in UTF-8.');
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= MAX_BODY) chunks.push(chunk);
    }
  } catch {
    throw new Fault(400, 'The body is incomplete.');
  }
  // only after the whole body: a client that still sends may not read a response
  if (length > MAX_BODY) throw tooLong;
  return Buffer.concat(chunks);
}

type Decompress = (bytes: Buffer) => Promise<Buffer>;

const LIMIT = { maxOutputLength: MAX_BODY };
const DECOMPRESSORS: Readonly<Record<string, Decompress | undefined>> = {
  gzip: (bytes) => promisify(gunzip)(bytes, LIMIT),
  'x-gzip': (bytes) => promisify(gunzip)(bytes, LIMIT),
  deflate: (bytes) => promisify(inflate)(bytes, LIMIT),
};

/** Returns how to decompress a body; undefined if it is not compressed. Throws a {@link Fault} for other encodings. */
function decompressorOf({ headers }: IncomingMessage): Decompress | undefined {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return undefined;
  if (Object.hasOwn(DECOMPRESSORS, encoding)) return DECOMPRESSORS[encoding];
  const detail = `The body has the encoding ${encoding.slice(0, 100)}; compress it with gzip or deflate, or not.`;
  throw new Fault(415, detail);
}

function notDecompressed(error: NodeJS.ErrnoException): never {
  if (error.code === 'ERR_BUFFER_TOO_LARGE') throw tooLong;
  throw new Fault(400, 'The body is not compressed as its Content-Encoding says.');
}

/** Receives and drops a body, so that its connection can be reused; leaves a body that is far too long. */
export async function discard(request: IncomingMessage): Promise<void> {
  if (isHuge(request)) return;
  request.resume();
  // an error means that the client has disconnected
  await new Promise<void>((resolve) => {
    finished(request, () => {
      resolve();
    });
  });
}

const isHuge = ({ headers }: IncomingMessage): boolean =>
  Number(headers['content-length'] ?? 0) > MAX_DISCARDED;

const tooLong = new Fault(413, 'A body may have 64 KiB.');

/** A representation as written by a client: returns the text at a path of names, undefined if there is none. */
export type Body = (...path: readonly [string, ...string[]]) => string | undefined;

/** Parses a VM's or an action's representation; throws a {@link Fault} if it is invalid. */
export const parseBody = (body: string, format: Format, name: 'vm' | 'action'): Body =>
  format === 'xml' ? inXml(rootOf(body, name)) : inJson(objectOf(body));

/** A body without members. */
export const emptyBody: Body = () => undefined;

/** The encoding in an XML declaration. */
const ENCODING = /^\s*<\?xml(?=\s)[^>]*?\sencoding\s*=\s*["']([^"'>]{0,40})/;

function rootOf(body: string, name: string): Element {
  if (body.trim() === '') throw new Fault(400, `The body is empty; give a <${name}>.`);
  const [, encoding = 'UTF-8'] = ENCODING.exec(body) ?? [];
  if (!isReadable(encoding)) {
    throw new Fault(400, `The body declares the encoding ${encoding}; encode it in UTF-8.`);
  }
  try {
    const root = readGivenXml(body);
    if (root.name === name) return root;
    throw new Fault(400, `The body is a <${root.name}>; give a <${name}>.`);
  } catch (error) {
    if (error instanceof DomainXmlError) throw new Fault(400, `In the body, ${error.message}.`);
    throw error;
  }
}

const inXml =
  (root: Element): Body =>
  (...path) => {
    if (isAttribute(path[0])) return root.attributes.get(path[0]);
    let at: Element | undefined = root;
    for (const name of path) {
      const [found, ...more]: Element[] = childrenNamed(at, name);
      if (more.length > 0) throw new Fault(400, `There are two <${name}>; give one.`);
      at = found;
    }
    if (at && elementsOf(at).length > 0) throw malformed(path);
    return at && textOf(at).trim();
  };

type Json = Readonly<Record<string, unknown>>;

const GIVE_AN_OBJECT = 'give an object, as {"memory": 1073741824}';

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectOf(body: string): Json {
  if (body.trim() === '') throw new Fault(400, `The body is empty; ${GIVE_AN_OBJECT}.`);
  let value: unknown;
  try {
    value = readMessage(body).payload;
  } catch (error) {
    const reason = error instanceof VdsmError ? `: ${error.message}` : '.';
    throw new Fault(400, `The body is not JSON${reason}`);
  }
  const name = repeatedName(body);
  if (name !== undefined) throw new Fault(400, `There are two "${name.slice(0, 100)}"; give one.`);
  if (isObject(value)) return value;
  throw new Fault(400, `The body is not an object; ${GIVE_AN_OBJECT}.`);
}

/** Tokens of valid JSON: strings, which are names if followed by a colon, and braces. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g;

/** Returns a name that occurs twice in one object of valid JSON; JSON.parse would keep only the last. */
function repeatedName(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, text = '', colon] of json.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon !== undefined) {
      const name = JSON.parse(text) as string;
      if (open.at(-1)?.has(name)) return name;
      open.at(-1)?.add(name);
    }
  }
  return undefined;
}

const inJson =
  (root: Json): Body =>
  (...path) => {
    let at: unknown = root;
    for (const name of path) {
      if (at !== undefined && !isObject(at)) throw malformed(path);
      at = at && Object.hasOwn(at, name) ? at[name] : undefined;
    }
    if (at === undefined || typeof at === 'string') return at?.trim();
    if (typeof at === 'number' || typeof at === 'boolean') return String(at);
    throw malformed(path);
  };

const malformed = (path: readonly string[]): Fault =>
  new Fault(400, `${path.join('.')} is misplaced, or not a single value.`);
