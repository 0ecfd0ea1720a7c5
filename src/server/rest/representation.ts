import { type Element, element } from '../../domain-xml/element.ts';
import { writeXml } from '../../domain-xml/writeXml.ts';

/** The format of a representation. */
export type Format = 'xml' | 'json';

export const MEDIA_TYPES: Readonly<Record<Format, readonly [string, ...string[]]>> = {
  xml: ['application/xml', 'text/xml'],
  json: ['application/json'],
};

type Scalar = string | number | boolean | Date;
type Value = Scalar | Members | readonly (string | Members)[];

/** The members of a resource by name, in order; a list has the name of one of its items. */
export interface Members {
  readonly [name: string]: Value | undefined;
}

/**
 * Formats a resource as oVirt's REST API does. In XML, id, href and rel are attributes. In JSON, sizes are numbers,
 * booleans are strings ("true"), times are milliseconds since 1970.
 */
export const representationOf = (root: string, members: Members, format: Format): string =>
  format === 'xml' ?
    `<?xml version="1.0" encoding="UTF-8"?>\n${writeXml(toElement(root, members))}\n`
  : `${JSON.stringify(toJson(members), undefined, 2)}\n`;

/** Returns whether XML has the member as an attribute instead of an element. */
export const isAttribute = (name: string): boolean => /^(id|href|rel)$/.test(name);

function toElement(name: string, members: Members): Element {
  const attributes: Record<string, string> = {};
  const children: Element[] = [];
  for (const [key, value] of Object.entries(members)) {
    if (value === undefined) continue;
    if (isAttribute(key) && isScalar(value)) attributes[key] = toText(value);
    else children.push(...toElements(key, value));
  }
  return element(name, attributes, ...children);
}

function toElements(name: string, value: Value): Element[] {
  if (isScalar(value)) return [element(name, {}, toText(value))];
  if (isList(value)) return value.flatMap((item) => toElements(name, item));
  return [toElement(name, value)];
}

const isScalar = (value: Value): value is Scalar =>
  typeof value !== 'object' || value instanceof Date;
const isList = (value: Exclude<Value, Scalar>): value is Extract<Value, readonly unknown[]> =>
  Array.isArray(value);

const toText = (value: Scalar): string =>
  replaceInvalid(value instanceof Date ? value.toISOString() : String(value));

/** Replaces characters that XML does not allow, which a client's own text may contain. */
const replaceInvalid = (text: string): string =>
  text.replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}');

function toJson(value: Value): unknown {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'boolean') return String(value);
  if (isScalar(value)) return value;
  if (isList(value)) return value.map(toJson);
  const members = Object.entries(value);
  return Object.fromEntries(
    members.map(([name, member]) => [name, member === undefined ? member : toJson(member)]),
  );
}
