import { SaxesParser } from 'saxes';
import { keepOnly, type Comment, type Element, type Node } from './element.ts';
import { DomainXmlError } from './types.ts';

// As libxml2 does for libvirt.
const MAX_NESTED = 256;
/** Of XML; JavaScript has further characters that it takes for blanks. */
const BLANK = /^[ \t\n\r]*$/;
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

/** Returns a document's root element; throws {@link DomainXmlError} for malformed XML. */
export const readXml = (xml: string): Element => {
  // The parser takes half a character for a whole one.
  checkCharacters(xml);
  const parser = new SaxesParser({
    position: false,
    defaultXMLVersion: '1.0',
    forceXMLVersion: true,
  });
  const tree = new Tree();
  let attributes = new Map<string, string>();
  // With an eighth listener V8 keeps the parser's fields in a hash table: it then takes four times as long.
  parser.on('attribute', ({ name, value }) => {
    attributes.set(name, value);
  });
  parser.on('opentag', ({ name }) => {
    tree.open({ name, attributes, children: [] });
    attributes = new Map();
  });
  parser.on('closetag', () => {
    tree.close();
  });
  parser.on('text', (text) => {
    tree.addText(text);
  });
  parser.on('cdata', (text) => {
    tree.addText(text);
  });
  parser.on('comment', (comment) => {
    tree.add({ comment });
  });
  parser.on('error', ({ message }) => {
    throw complaint(message, parser, xml);
  });
  parser.write(xml).close();
  return tree.root;
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

/** The elements that the parser has read so far. */
class Tree {
  readonly #top: Element = { name: '', attributes: new Map(), children: [] };
  readonly #open = [this.#top];

  /** Of a whole document. */
  get root(): Element {
    return this.#top.children[0] as Element;
  }

  open(child: Element): void {
    if (this.#open.length > MAX_NESTED) {
      throw new DomainXmlError(
        `the XML is nested deeper than ${String(MAX_NESTED)} elements; flatten it`,
      );
    }
    this.#innermost.children.push(child);
    this.#open.push(child);
  }

  close(): void {
    dropLayout(this.#innermost);
    this.#open.pop();
  }

  /** Adds text to what stands before it; text outside of the root is blank. */
  addText(text: string): void {
    const { children } = this.#innermost;
    const last = children.at(-1);
    if (typeof last === 'string') children[children.length - 1] = last + text;
    else if (text !== '' && this.#open.length > 1) children.push(text);
  }

  add(comment: Comment): void {
    if (this.#open.length > 1) this.#innermost.children.push(comment);
  }

  get #innermost(): Element {
    return this.#open.at(-1) ?? this.#top;
  }
}

/** Removes blanks between elements and comments, unless there is other text beside them. */
const dropLayout = (parent: Element): void => {
  const { children } = parent;
  const isBlank = (node: Node): boolean => typeof node !== 'string' || BLANK.test(node);
  if (children.length < 2 || !children.every(isBlank)) return;
  keepOnly(parent, (node) => typeof node !== 'string');
};

/** Says what is wrong at the place that the parser has reached. */
const complaint = (
  message: string,
  { position, line, columnIndex }: Pick<SaxesParser, 'position' | 'line' | 'columnIndex'>,
  xml: string,
): DomainXmlError => {
  const reference =
    /entity/.test(message) || position >= xml.length ? openReference(xml, position) : undefined;
  if (reference !== undefined) {
    return new DomainXmlError(`${reference} is not an XML reference; write &amp; for &`);
  }
  const isInTag = message.includes('contain a root') && /<[^!?]/.test(xml);
  if (/(contain a|only one) root/.test(message) && !isInTag) {
    return new DomainXmlError('the XML must have exactly one element at its top');
  }
  const [, unclosed] = /^unclosed tag: (.*)$/s.exec(message) ?? [];
  const reason =
    unclosed !== undefined ? `<${unclosed}> is not closed`
    : isInTag ? 'it ends inside a tag'
    : message.replace(/\.$/, '');
  const place = `line ${String(line)}, column ${String(columnIndex)}`;
  return new DomainXmlError(`the XML is not well-formed: ${reason} (${place})`);
};

/** The reference that ends at `end`, or has not ended there; undefined if there is none. */
const openReference = (xml: string, end: number): string | undefined => {
  const before = xml.slice(0, end - 1);
  const start = Math.max(...[';', '-->', ']]>'].map((mark) => before.lastIndexOf(mark)));
  return /&[^;\s<"']*;?/.exec(xml.slice(start + 1, end))?.[0];
};
