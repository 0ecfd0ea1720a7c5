import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import { type Element, childrenNamed, elementsOf, textOf } from '../../domain-xml/element.ts';
import { readXml } from '../../domain-xml/readXml.ts';
import { DomainXmlError } from '../../domain-xml/types.ts';
import { Fault } from './fault.ts';
import { isReadable } from './negotiate.ts';
import { type Format, isAttribute } from './representation.ts';

const MAX_BODY = 64 * 1024;
/** A longer body is not even read to its end: its connection is closed. */
const MAX_UNUSED = 1024 * 1024;

/** The text of a request's body; throws a {@link Fault} where it is longer than 64 KiB, no UTF-8, or breaks off. */
export async function readBody(request: IncomingMessage): Promise<string> {
  if (isHuge(request)) throw tooLong;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= MAX_BODY) chunks.push(chunk);
    }
  } catch {
    throw new Fault(400, 'The body broke off.');
  }
  // only now, since a client that still sends may not see an answer
  if (length > MAX_BODY) throw tooLong;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new Fault(400, 'The body is no UTF-8; encode it so.');
  }
}

/** Reads a body that nobody wants to its end, so that its connection can go on; one that is far too long is left. */
export async function discard(request: IncomingMessage): Promise<void> {
  if (isHuge(request)) return;
  request.resume();
  // a client that leaves is to be told nothing
  await finished(request).catch(() => undefined);
}

const isHuge = ({ headers }: IncomingMessage): boolean =>
  Number(headers['content-length'] ?? 0) > MAX_UNUSED;

const tooLong = new Fault(413, 'A body may have 64 KiB.');

/** What a client wrote of a VM: the text at the end of a path of names, undefined where there is none. */
export type Body = (...path: readonly [string, ...string[]]) => string | undefined;

/** Reads a VM's representation; throws a {@link Fault} where it is none. */
export const readVm = (body: string, format: Format): Body =>
  format === 'xml' ? inXml(rootOf(body)) : inJson(objectOf(body));

/** What an XML declaration says of the encoding. */
const ENCODING = /^\s*<\?xml(?=\s)[^>]*?\sencoding\s*=\s*["']([^"'>]{0,40})/;

function rootOf(body: string): Element {
  if (body.trim() === '') throw new Fault(400, 'The body is empty; give a <vm>.');
  const [, encoding = 'UTF-8'] = ENCODING.exec(body) ?? [];
  if (!isReadable(encoding)) {
    throw new Fault(400, `The body says that it is in ${encoding}; encode it in UTF-8.`);
  }
  try {
    const root = readXml(body);
    if (root.name === 'vm') return root;
    throw new Fault(400, `The body is a <${root.name}>; give a <vm>.`);
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
    if (at && elementsOf(at).length > 0) throw misshapen(path);
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
    value = JSON.parse(body);
  } catch {
    throw new Fault(400, 'The body is no JSON.');
  }
  const name = repeated(body);
  if (name !== undefined) throw new Fault(400, `There are two "${name.slice(0, 100)}"; give one.`);
  if (isObject(value)) return value;
  throw new Fault(400, `The body is no object; ${GIVE_AN_OBJECT}.`);
}

/** In JSON that can be parsed: strings, those with a colon behind them being names, and where objects begin and end. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g;

/** A name that JSON, which must be valid, has twice in one object; only the last would count. */
function repeated(json: string): string | undefined {
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
      if (at !== undefined && !isObject(at)) throw misshapen(path);
      at = at && Object.hasOwn(at, name) ? at[name] : undefined;
    }
    if (at === undefined || typeof at === 'string') return at?.trim();
    if (typeof at === 'number' || typeof at === 'boolean') return String(at);
    throw misshapen(path);
  };

const misshapen = (path: readonly string[]): Fault =>
  new Fault(400, `${path.join('.')} is not where it is looked for, or no single value.`);
