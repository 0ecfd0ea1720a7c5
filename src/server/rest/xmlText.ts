import { referenceTo } from '../../domain-xml/writeXml.ts';
import { isList, isScalar, type Members, type Scalar, type Value } from './members.ts';

/** Writes a resource as indented XML, each item of its lists as a piece. */
export function* xmlPieces(root: string, members: Members): Iterable<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield* elementPieces(root, members, '\n');
  yield '\n';
}

/** Returns whether XML has the member as an attribute instead of an element. */
export const isAttribute = (name: string): boolean =>
  name === 'id' || name === 'href' || name === 'rel';

/** `line` begins a line with the indentation of the element. */
function* elementPieces(name: string, members: Members, line: string): Iterable<string> {
  let start = `<${name}`;
  const children: [string, Value][] = [];
  for (const [key, value] of Object.entries(members)) {
    if (value === undefined) continue;
    if (isAttribute(key) && isScalar(value))
      start += ` ${key}="${written(value, /[&<>"\t\n\r]/g)}"`;
    else if (isScalar(value) || !isList(value)) children.push([key, value]);
    else for (const item of value) children.push([key, item]);
  }
  if (children.length === 0) {
    yield `${start}/>`;
    return;
  }
  yield `${start}>`;
  const inner = `${line}  `;
  for (const [key, value] of children) yield inner + childText(key, value, inner);
  yield `${line}</${name}>`;
}

const childText = (name: string, value: Value, line: string): string => {
  if (!isScalar(value)) return [...elementPieces(name, value as Members, line)].join('');
  return `<${name}>${written(value, /[&<>\r]/g)}</${name}>`;
};

/** Returns a value as text; characters that XML does not allow, as a client's own text may have, are replaced. */
function written(value: Scalar, special: RegExp): string {
  const text = value instanceof Date ? value.toISOString() : String(value);
  if (/^[\w .:/?=-]*$/.test(text)) return text;
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replace(special, referenceTo);
}
