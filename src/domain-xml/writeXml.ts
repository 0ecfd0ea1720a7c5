import type { Element, Node } from './element.ts';
import { checkCharacters } from './readXml.ts';
import { DomainXmlError } from './types.ts';

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Returns a character as XML has it in text or an attribute. */
export const referenceTo = (character: string): string => REFERENCES[character] ?? character;

/**
 * Returns the document as indented text without a declaration; throws {@link DomainXmlError} for text that XML cannot
 * contain.
 */
export const writeXml = (root: Element): string => written(root, '\n');

const written = (node: Node, newLine: string): string => {
  if (typeof node === 'string') return escaped(node, /[&<>\r]/g);
  if ('comment' in node) return comment(node.comment);
  const attributes = [...node.attributes].map(
    ([name, value]) => ` ${name}="${escaped(value, /[&<>"\t\n\r]/g)}"`,
  );
  const start = `<${node.name}${attributes.join('')}`;
  if (node.children.length === 0) return `${start}/>`;
  const isMixed = node.children.some((child) => typeof child === 'string');
  const inner = isMixed ? '' : `${newLine}  `;
  const content = node.children.map((child) => inner + written(child, `${newLine}  `)).join('');
  return `${start}>${content}${isMixed ? '' : newLine}</${node.name}>`;
};

const escaped = (text: string, special: RegExp): string => {
  checkCharacters(text);
  return text.replace(special, referenceTo);
};

const comment = (text: string): string => {
  if (/--|-$/.test(text)) throw new DomainXmlError('a comment holds "--"; remove that');
  checkCharacters(text);
  return `<!--${text}-->`;
};
