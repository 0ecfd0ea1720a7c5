import { XMLParser } from 'fast-xml-parser';
import { messageOf } from '../common/messageOf.ts';
import { isElement, type Element, type Node } from './element.ts';
import { DomainXmlError } from './types.ts';

// As libxml2 does for libvirt.
const MAX_NESTED = 256;
/** Marks names in the parser's output, because it refuses or changes those of Object.prototype. */
const MARK = '=';
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const NAMED = new Map(Object.entries({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }));

/** The part of the parser's interface in use; with `validate` it refuses malformed XML. */
interface Parser {
  parse(xml: string, validate: true): unknown;
}

// References are decoded in this file: the parser would keep unknown ones as text.
const parser: Parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: MARK,
  // The parser transforms the name of an empty element twice.
  transformTagName: (name) => (name.startsWith(MARK) ? name : MARK + name),
  maxNestedTags: MAX_NESTED,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  trimValues: false,
  commentPropName: '#comment',
  cdataPropName: '#cdata',
  ignoreDeclaration: true,
  ignorePiTags: true,
});

interface RawNode {
  readonly ':@'?: Readonly<Record<string, string>>;
  readonly [name: string]: unknown;
}

/** Returns a document's root element; throws {@link DomainXmlError} for malformed XML. */
export const readXml = (xml: string): Element => {
  checkCharacters(xml);
  const [root, ...more] = xml.trim() === '' ? [] : toNodes(parse(xml)).filter(isElement);
  if (!root || more.length > 0) {
    throw new DomainXmlError('the XML must have exactly one element at its top');
  }
  return root;
};

/** Returns the text without characters that XML does not allow, as libvirt writes it into its XML. */
export const xmlText = (text: string): string => text.replace(new RegExp(NOT_XML, 'gu'), '');

/** Throws {@link DomainXmlError} if the text contains a character that XML does not allow. */
export const checkCharacters = (text: string): void => {
  const found = NOT_XML.exec(text)?.[0].codePointAt(0);
  if (found === undefined) return;
  const code = found.toString(16).toUpperCase().padStart(4, '0');
  throw new DomainXmlError(`the character U+${code} is not allowed in XML; remove it`);
};

const parse = (xml: string): RawNode[] => {
  try {
    return parser.parse(xml, true) as RawNode[];
  } catch (error) {
    const reason = reworded(messageOf(error));
    throw new DomainXmlError(`the XML is not well-formed: ${reason}`, { cause: error });
  }
};

/** Names the element that is not closed, where the parser gives a list of all around it as JSON. */
function reworded(reason: string): string {
  const [, list] = /^Invalid '(\[[^]*\])' found/.exec(reason) ?? [];
  const innermost = list === undefined ? undefined : /"([^"]*)"\s*\]$/.exec(list)?.[1];
  return innermost === undefined ? reason : `<${innermost}> is not closed`;
}

const toNodes = (raw: readonly RawNode[]): Node[] => {
  const nodes = raw.flatMap(toNode).reduce<Node[]>(joined, []);
  const isLaidOut =
    nodes.some((node) => typeof node !== 'string') &&
    nodes.every((node) => typeof node !== 'string' || node.trim() === '');
  return isLaidOut ? nodes.filter((node) => typeof node !== 'string') : nodes;
};

const toNode = (raw: RawNode): Node[] => {
  const name = Object.keys(raw).find((key) => key !== ':@');
  const content = name === undefined ? undefined : raw[name];
  if (name === undefined) return [];
  if (name === '#text') return [decoded(String(content))];
  const children = content as readonly RawNode[];
  if (name === '#cdata') return [verbatim(children)];
  if (name === '#comment') return [{ comment: verbatim(children) }];
  const attributes = Object.entries(raw[':@'] ?? {}).map(
    ([key, value]) => [unmarked(key), decoded(value.replace(/[\t\n\r]/g, ' '))] as const,
  );
  return [{ name: unmarked(name), attributes: new Map(attributes), children: toNodes(children) }];
};

const unmarked = (name: string): string => name.slice(MARK.length);

const verbatim = (children: readonly RawNode[]): string =>
  children.map((child) => child['#text']).join('');

const joined = (nodes: Node[], node: Node): Node[] => {
  const last = nodes.at(-1);
  if (typeof node === 'string' && typeof last === 'string') nodes[nodes.length - 1] = last + node;
  else if (node !== '') nodes.push(node);
  return nodes;
};

const decoded = (text: string): string =>
  text.replace(/&([^;\s]*);?/g, (reference, name: string) => {
    const character = NAMED.get(name) ?? numbered(name);
    if (character === undefined || !reference.endsWith(';') || NOT_XML.test(character)) {
      throw new DomainXmlError(`${reference} is not an XML reference; write &amp; for &`);
    }
    return character;
  });

const numbered = (name: string): string | undefined => {
  const [, hex, decimal] = /^#(?:x0*([\da-fA-F]{1,6})|0*(\d{1,7}))$/.exec(name) ?? [];
  const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
};
