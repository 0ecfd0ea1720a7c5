import { referenceTo } from '../../domain-xml/writeXml.ts';
import { isList, isScalar, type Members, type Scalar, type Value } from './members.ts';

/** Writes a resource as indented XML, each item of its lists as a piece. */
export function* xmlPieces(root: string, members: Members): Iterable<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  const { start, children } = partsOf(root, members);
  if (children.length === 0) {
    yield `${start}/>\n`;
    return;
  }
  yield `${start}>`;
  for (const [name, value] of children) yield INDENT + textOf(name, value, INDENT);
  yield `\n</${root}>\n`;
}

const INDENT = '\n  ';

/** Returns whether XML has the member as an attribute instead of an element. */
export const isAttribute = (name: string): boolean =>
  name === 'id' || name === 'href' || name === 'rel';

/** The start tag of an element, without its end, and what it contains. */
function partsOf(name: string, members: Members) {
  let start = `<${name}`;
  const children: [string, Value][] = [];
  for (const [key, value] of Object.entries(members)) {
    if (value === undefined) continue;
    if (isAttribute(key) && isScalar(value))
      start += ` ${key}="${written(value, /[&<>"\t\n\r]/g)}"`;
    else if (isScalar(value) || !isList(value)) children.push([key, value]);
    else for (const item of value) children.push([key, item]);
  }
  return { start, children };
}

/** `line` begins a line with the indentation of the element. */
function textOf(name: string, value: Value, line: string): string {
  if (isScalar(value)) return `<${name}>${written(value, /[&<>\r]/g)}</${name}>`;
  const { start, children } = partsOf(name, value as Members);
  if (children.length === 0) return `${start}/>`;
  const inner = `${line}  `;
  let content = '';
  for (const [key, child] of children) content += inner + textOf(key, child, inner);
  return `${start}>${content}${line}</${name}>`;
}

/** Returns a value as text; characters that XML does not allow, as a client's own text may have, are replaced. */
function written(value: Scalar, special: RegExp): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'string') return String(value);
  if (/^[\w .:/?=-]*$/.test(value)) return value;
  return value
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replace(special, referenceTo);
}
